// Lists that the server gives page by page.

type Page = { pageInfo: { hasNextPage: boolean; endCursor: string | null } };

/** For useInfiniteQuery: where the page after this one begins; null after the last. */
export const nextCursor = ({ pageInfo }: Page): string | null => (pageInfo.hasNextPage ? pageInfo.endCursor : null);
