// Sends what GraphiQL asks: queries and mutations by POST to the page's own address, subscriptions over a web socket there.
import type { GraphiQLProps } from 'graphiql';
import { type DocumentNode, getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';

type Fetcher = GraphiQLProps['fetcher'];

const endpoint = () => location.origin + location.pathname;

/** GraphiQL sends the operation of the tab before for a moment after tabs were changed. */
function named(document: DocumentNode, name: string | null | undefined): string | undefined {
  const names = document.definitions.map((one) => ('name' in one ? one.name?.value : undefined));
  return name && names.includes(name) ? name : undefined;
}

/** `token` is asked at each request. */
export const makeFetcher =
  (token: () => string): Fetcher =>
  ({ query, variables, operationName: given }, options) => {
    const headers: Record<string, string> = { ...options?.headers };
    if (token() && !headers.authorization) headers.authorization = `Bearer ${token()}`;
    const document = parse(query);
    const operationName = named(document, given);
    const params = { query, variables: variables as Record<string, unknown>, operationName };
    if (getOperationAST(document, operationName)?.operation !== 'subscription') return post(params, headers);
    const client = createClient({ url: endpoint().replace(/^http/, 'ws'), connectionParams: headers, retryAttempts: 0 });
    return client.iterate(params) as never;
  };

async function post(params: unknown, headers: Record<string, string>) {
  const answer = await fetch(endpoint(), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(params),
  });
  return answer.json();
}
