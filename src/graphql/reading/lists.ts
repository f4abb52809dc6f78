// Completes lists of tens of thousands of small objects (points of curves, params, tags) in one step. The executor's own way takes a microsecond
// and several objects for each field of each.
import {
  defaultFieldResolver,
  type ExecutionArgs,
  execute,
  type GraphQLFieldConfig,
  GraphQLInterfaceType,
  type GraphQLLeafType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  GraphQLSchema,
  GraphQLUnionType,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { collectSubfields } from 'graphql/execution/collectFields.js';

/** All their fields are leaves, read from the row by name. */
const FLAT = ['SeriesPoint', 'Param', 'Tag'];

type Row = Record<string, unknown>;
type Field = GraphQLFieldConfig<unknown, unknown>;
type Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType;

/** Executes what was validated against `schema`. Documents that ask for the schema are told of this one, not of the copy. */
export function flatExecutor(schema: GraphQLSchema): (args: Omit<ExecutionArgs, 'schema'>) => ReturnType<typeof execute> {
  const flat = flatCopy(schema);
  const asksForSchema = (text = '') => /__(schema|type)\b/.test(text);
  return (args) => execute({ ...args, schema: asksForSchema(args.document.loc?.source.body) ? schema : flat });
}

/**
 * The same, but fields that list flat types are leaves: the executor takes what they resolve to as it is. Here those are the objects that were
 * asked for.
 */
function flatCopy(schema: GraphQLSchema): GraphQLSchema {
  for (const name of FLAT) requireFlat(schema, name);
  const leaf = schema.getType('JSON') as GraphQLLeafType;
  const copies = new Map<string, Composite>();
  const copyOf = <T extends GraphQLOutputType>(type: T): T => {
    if (isNonNullType(type)) return new GraphQLNonNull(copyOf(type.ofType as GraphQLObjectType)) as T;
    if (isListType(type)) return new GraphQLList(copyOf(type.ofType)) as T;
    return (copies.get((type as GraphQLObjectType).name) ?? type) as T;
  };
  const fieldOf = (field: Field): Field => {
    const item = getNamedType(field.type);
    if (FLAT.includes(item.name) && isListType(getNullableType(field.type))) return { ...field, type: leaf, resolve: inOneStep(field, item.name) };
    return { ...field, type: copyOf(field.type) };
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isUnionType(type)) copies.set(type.name, new GraphQLUnionType({ ...type.toConfig(), types: () => type.getTypes().map(copyOf) }));
    else if (isObjectType(type) || isInterfaceType(type)) {
      const config = type.toConfig();
      const fields = () => Object.fromEntries(Object.entries(config.fields).map(([name, field]) => [name, fieldOf(field)]));
      const copied = { ...config, fields, interfaces: () => type.getInterfaces().map(copyOf) };
      copies.set(type.name, isObjectType(type) ? new GraphQLObjectType(copied as never) : new GraphQLInterfaceType(copied as never));
    }
  }
  const rootOf = (type: GraphQLObjectType | null | undefined) => type && copyOf(type);
  const config = schema.toConfig();
  return new GraphQLSchema({
    ...config,
    assumeValid: true,
    query: rootOf(config.query),
    mutation: rootOf(config.mutation),
    subscription: rootOf(config.subscription),
    types: config.types.map((type) => copies.get(type.name) ?? type),
  });
}

function requireFlat(schema: GraphQLSchema, name: string): void {
  const type = schema.getType(name);
  const isPlain = (field: Field) => !field.resolve && !Object.keys(field.args ?? {}).length && isLeafType(getNullableType(field.type));
  if (!isObjectType(type) || !Object.values(type.toConfig().fields).every(isPlain))
    throw new Error(`${name} is no type whose fields are all read from the row by name.`);
}

const inOneStep =
  ({ resolve = defaultFieldResolver }: Field, item: string): Field['resolve'] =>
  (parent, args, context, info) => {
    const rows = resolve(parent, args, context, info) as Row[] | Promise<Row[]>;
    return rows instanceof Promise ? rows.then((read) => shape(read, item, info)) : shape(rows, item, info);
  };

function shape(rows: Row[], name: string, info: GraphQLResolveInfo): Row[] {
  const item = info.schema.getType(name) as GraphQLObjectType;
  const known = item.getFields();
  const asked = [...collectSubfields(info.schema, info.fragments, info.variableValues, item, info.fieldNodes)].map(([name, [node]]) => {
    const from = node!.name.value;
    return { name, from, type: from === '__typename' ? undefined : (getNamedType(known[from]!.type) as GraphQLLeafType) };
  });
  return rows.map((row) => {
    const shaped: Row = {};
    for (const { name, from, type } of asked) shaped[name] = type ? type.serialize(row[from]) : item.name;
    return shaped;
  });
}
