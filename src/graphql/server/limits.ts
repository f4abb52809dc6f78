// How large a query may be, checked before it costs anything: text, nesting, selections and aliases without the schema, page sizes with it.
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getVariableValues,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromAST,
} from 'graphql';
import { limitExceeded } from '../../lib/errors.ts';

export const LIMITS = {
  depth: 15,
  cost: 100_000,
  documentBytes: 100_000,
  aliases: 200,
  /** Bounds what validating costs, which grows with the square of the fields side by side. */
  tokens: 10_000,
  selections: 2_000,
  /** `__schema` and `__type` in one query: each may answer with the whole schema. */
  introspections: 10,
  series: 200,
  pointsPerSeries: 2_000,
} as const;

/** The arguments that say how long a field's list may be. */
const SIZES = new Set(['first', 'last', 'runIds']);

type Fragments = Map<string, FragmentDefinitionNode>;

const fragmentsOf = (document: DocumentNode): Fragments =>
  new Map(document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])));

/** Throws LIMIT_EXCEEDED. Fragments count wherever they are spread; one that spreads itself is left to validation. */
export function checkShape(document: DocumentNode): void {
  const fragments = fragmentsOf(document);
  let aliases = 0;
  let selections = 0;
  let introspections = 0;
  const walk = (set: SelectionSetNode, depth: number, open: string[]): void => {
    for (const selection of set.selections) {
      selections += 1;
      if (selections > LIMITS.selections) {
        throw limitExceeded(
          `A query has at most ${LIMITS.selections} selections, counted wherever fragments are spread. Select fewer fields, or split it.`,
          { limit: LIMITS.selections, asked: selections },
        );
      }
      if (selection.kind === Kind.FIELD) {
        if (selection.alias) aliases += 1;
        if (aliases > LIMITS.aliases) {
          throw limitExceeded(`A query has at most ${LIMITS.aliases} aliases. Ask for lists instead, or split it.`, {
            limit: LIMITS.aliases,
            asked: aliases,
          });
        }
        if (selection.name.value === '__schema' || selection.name.value === '__type') {
          introspections += 1;
          if (introspections > LIMITS.introspections) {
            throw limitExceeded(`A query has at most ${LIMITS.introspections} fields \`__schema\` and \`__type\`. Split it.`, {
              limit: LIMITS.introspections,
              asked: introspections,
            });
          }
          if (selection.selectionSet) introspect(selection.selectionSet, open);
          continue;
        }
        if (depth > LIMITS.depth) {
          throw limitExceeded(`Fields nest at most ${LIMITS.depth} deep; '${selection.name.value}' is deeper. Split the query.`, {
            limit: LIMITS.depth,
            asked: depth,
          });
        }
        if (selection.selectionSet) walk(selection.selectionSet, depth + 1, open);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, depth, open);
      } else {
        const name = selection.name.value;
        const fragment = fragments.get(name);
        if (fragment && !open.includes(name)) walk(fragment.selectionSet, depth, [...open, name]);
      }
    }
  };
  /** Below introspection, where the rules of graphql-js bound the depth: what an alias repeats there is the whole schema. */
  const introspect = (set: SelectionSetNode, open: string[]): void => {
    for (const selection of set.selections) {
      selections += 1;
      if (selections > LIMITS.selections) throw limitExceeded(`A query has at most ${LIMITS.selections} selections.`, { limit: LIMITS.selections });
      if (selection.kind === Kind.FIELD) {
        if (selection.alias) throw limitExceeded('Fields below `__schema` and `__type` take no aliases.', { limit: 0 });
        if (selection.selectionSet) introspect(selection.selectionSet, open);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        introspect(selection.selectionSet, open);
      } else {
        const name = selection.name.value;
        const fragment = fragments.get(name);
        if (fragment && !open.includes(name)) introspect(fragment.selectionSet, [...open, name]);
      }
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) walk(definition.selectionSet, 1, []);
  }
}

/**
 * Throws LIMIT_EXCEEDED when the page sizes down the tree of a valid operation multiply to more than the limit. Variables count as the
 * operation will see them, defaults included; wrong ones are left to the executor.
 */
export function checkCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
): void {
  const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables).coerced ?? variables;
  const fragments = fragmentsOf(document);
  const sizeOf = (field: FieldNode, type: GraphQLObjectType): number => {
    const args = type.getFields()[field.name.value]?.args.filter((one) => SIZES.has(one.name)) ?? [];
    if (args.length === 0) return 0;
    const sizes = args.map((arg) => {
      const given = field.arguments?.find((one) => one.name.value === arg.name);
      const value = given && valueFromAST(given.value, arg.type, coerced);
      const size = value ?? arg.defaultValue;
      return Array.isArray(size) ? size.length : Number(size ?? 0);
    });
    return Math.max(...sizes) || 50;
  };
  const costOf = (set: SelectionSetNode, type: unknown): number => {
    let sum = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const name = selection.typeCondition?.name.value;
        sum += costOf(selection.selectionSet, name ? schema.getType(name) : type);
      } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (fragment) sum += costOf(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value));
      } else if (isObjectType(type) || isInterfaceType(type)) {
        const definition = type.getFields()[selection.name.value];
        if (!definition) continue;
        const below = getNamedType(definition.type);
        const inner = selection.selectionSet && isCompositeType(below) ? costOf(selection.selectionSet, below) : 0;
        const size = sizeOf(selection, type as GraphQLObjectType);
        sum += size === 0 ? inner : size * Math.max(1, inner);
      }
    }
    return sum;
  };
  const root = schema.getRootType(operation.operation);
  const cost = costOf(operation.selectionSet, root);
  if (cost > LIMITS.cost) {
    throw limitExceeded(
      `The page sizes of this query multiply to ${cost}; at most ${LIMITS.cost} are allowed. Ask for smaller pages ('first'), and go on with 'after'.`,
      { limit: LIMITS.cost, asked: cost },
    );
  }
}
