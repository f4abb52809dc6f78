// What a query selects beneath a field, where a resolver can save work by knowing it.
import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

function only(fields: ReadonlySet<string>, set: SelectionSetNode | undefined, fragments: GraphQLResolveInfo['fragments']): boolean {
  return (set?.selections ?? []).every((one) => {
    if (one.kind === Kind.FIELD) return fields.has(one.name.value);
    return only(fields, one.kind === Kind.INLINE_FRAGMENT ? one.selectionSet : fragments[one.name.value]?.selectionSet, fragments);
  });
}

/** Whether nothing but these fields is selected, wherever fragments are spread. */
export const selectsOnly = (fields: ReadonlySet<string>, { fieldNodes, fragments }: GraphQLResolveInfo): boolean =>
  fieldNodes.every((node) => only(fields, node.selectionSet, fragments));
