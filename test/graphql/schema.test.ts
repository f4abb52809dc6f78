// The schema as a product: printed, described in full, and served as it is printed.
import { readFileSync } from 'node:fs';
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  printSchema,
} from 'graphql';
import { expect, it } from 'vitest';
import { makeSchema } from '../../src/graphql/schema.ts';

const schema = makeSchema();

it('schema.graphql is what src/schema says (npm run print-schema)', () => {
  expect(readFileSync('schema.graphql', 'utf8')).toBe(`${printSchema(schema)}\n`);
});

it('every type, field, argument and enum value is described', () => {
  const bare: string[] = [];
  const check = (name: string, described: { description?: string | null }) => {
    if (!described.description) bare.push(name);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || isSpecifiedScalarType(type)) continue;
    check(type.name, type);
    if (isEnumType(type)) for (const value of type.getValues()) check(`${type.name}.${value.name}`, value);
    if (isInputObjectType(type)) for (const field of Object.values(type.getFields())) check(`${type.name}.${field.name}`, field);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      check(`${type.name}.${field.name}`, field);
      // What a mutation's one input is for, its type says.
      for (const arg of field.args)
        if (arg.name !== 'input' || !isInputObjectType(getNamedType(arg.type))) check(`${type.name}.${field.name}(${arg.name})`, arg);
    }
  }
  expect(bare).toEqual([]);
  expect(schema.getDirectives().every(isSpecifiedDirective)).toBe(true);
});
