// The schema as the page sees it: a mutation's payload is there, since the page's client throws where there is any fault.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildASTSchema, concatAST, parse } from 'graphql';

/** For graphql-codegen (`loader`): the SDL of a folder, as a schema. */
export default function loadPageSchema(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.graphql'));
  const document = concatAST(files.map((name) => parse(readFileSync(path.join(folder, name), 'utf8'))));
  const definitions = document.definitions.map((definition) => {
    if (definition.name?.value !== 'Mutation' || !definition.fields) return definition;
    const fields = definition.fields.map((field) =>
      field.type.kind === 'NamedType' ? { ...field, type: { kind: 'NonNullType', type: field.type } } : field,
    );
    return { ...definition, fields };
  });
  const [types, extensions] = [[], []];
  for (const definition of definitions) (definition.kind.endsWith('Extension') ? extensions : types).push(definition);
  const merged = types.map((type) => {
    const more = extensions.filter((extension) => extension.name.value === type.name?.value);
    return more.length === 0 ? type : { ...type, fields: [...(type.fields ?? []), ...more.flatMap((extension) => extension.fields ?? [])] };
  });
  const missing = [...new Set(extensions.map((extension) => extension.name.value))].filter(
    (name) => !types.some((type) => type.name?.value === name),
  );
  for (const name of missing) {
    const fields = extensions.filter((extension) => extension.name.value === name).flatMap((extension) => extension.fields ?? []);
    merged.push({ kind: 'ObjectTypeDefinition', name: { kind: 'Name', value: name }, fields });
  }
  return buildASTSchema({ kind: 'Document', definitions: merged });
}
