// Lists as connections: how many to read, and nodes, edges and pageInfo of what was read.
import type { Slice, SliceRequest } from '../domain/tracking/runSearch.ts';
import { invalid, limitExceeded } from '../lib/errors.ts';
import { cursorKey } from './ids.ts';

export const MAX_PAGE = 1_000;

export type Page<Node> = {
  nodes: Node[];
  edges: { cursor: string; node: Node }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
};

/** Counts only when asked. */
export type CountedPage<Node> = Page<Node> & { count: () => Promise<number | bigint> };

/** `first`, checked: 1 to 1,000, default 50. */
export function pageSize(first: number | null | undefined, argument = 'first'): number {
  const size = first ?? 50;
  if (size < 1) throw invalid(`'${argument}' must be at least 1; you asked for ${size}.`, { argument });
  if (size > MAX_PAGE) {
    throw limitExceeded(`A page has at most ${MAX_PAGE} nodes; you asked for ${size}. Ask for fewer and go on with 'after'.`, {
      argument,
      limit: MAX_PAGE,
      asked: size,
    });
  }
  return size;
}

/** The 32-digit id in a cursor; what is none begins the list behind its end. */
export function hexCursor(after: string | null | undefined): string | null {
  const key = cursorKey(after);
  return key === null || /^[0-9a-f]{32}$/.test(key) ? key : '0'.repeat(32);
}

/** Of nodes with their cursors. `more`: whether there is a next page. */
export function toPage<Node>(edges: { cursor: string; node: Node }[], more: boolean, after: string | null | undefined): Page<Node> {
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: { hasNextPage: more, hasPreviousPage: after != null, startCursor: edges[0]?.cursor ?? null, endCursor: edges.at(-1)?.cursor ?? null },
  };
}

/** Of rows that were read with one more than the page holds, to know whether there are more. */
export function cutPage<Row, Node>(
  rows: Row[],
  size: number,
  after: string | null | undefined,
  cursorOf: (row: Row) => string,
  nodeOf: (row: Row) => Node,
): Page<Node> {
  const edges = rows.slice(0, size).map((row) => ({ cursor: cursorOf(row), node: nodeOf(row) }));
  return toPage(edges, rows.length > size, after);
}

export type SliceArgs = { first?: number | null; after?: string | null; last?: number | null; before?: string | null };

/** Forward with `first` and `after`, backward with `last` and `before`. */
export function toSlice({ first, after, last, before }: SliceArgs): SliceRequest {
  if (last == null) return { limit: pageSize(first), after, before };
  if (first != null) throw invalid("Give 'first' to go forward or 'last' to go backward, not both.", { argument: 'last' });
  return { limit: pageSize(last, 'last'), after, before, backward: true };
}

/** A page of what a domain's list answered. */
export function slicePage<Row, Node>(slice: Slice<Row>, nodeOf: (row: Row) => Node, count: () => Promise<number>): CountedPage<Node> {
  const edges = slice.rows.map(({ row, cursor }) => ({ cursor, node: nodeOf(row) }));
  const pageInfo = {
    hasNextPage: slice.hasNext,
    hasPreviousPage: slice.hasPrevious,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
  };
  return { edges, nodes: edges.map((edge) => edge.node), pageInfo, count };
}
