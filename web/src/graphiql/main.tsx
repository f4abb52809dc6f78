// GraphiQL at /graphql, with nothing from elsewhere: a place for the token, the six questions as examples, the schema's documentation.
import { GraphiQL } from 'graphiql';
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import { makeFetcher } from './fetcher.ts';
import css from './page.module.css';
import { examples } from './questions.ts';

const KEY = 'runledger.graphiql.token';
const WELCOME = `# Paste an API token above, then run this with Ctrl+Enter. The tabs hold six questions; the book on the left is the whole schema.
query WhoAmI {
  viewer { user { email } teams { slug myRole } }
  serverInfo { version mlflowVersion }
}
`;

/** Kept for the tab alone. */
const kept = () => sessionStorage.getItem(KEY) ?? '';
const fetcher = makeFetcher(kept);
const tabs = [{ query: WELCOME }, ...examples.map(({ query, variables }) => ({ query, variables }))];

function Page() {
  const [token, setToken] = useState(kept);
  const change = (next: string) => {
    sessionStorage.setItem(KEY, next.trim());
    setToken(next);
  };
  return (
    <div className={css.page}>
      <header className={css.bar}>
        <strong>Runledger GraphQL</strong>
        <label>
          API token{' '}
          <input type="password" autoComplete="off" spellCheck={false} value={token} onChange={(event) => change(event.currentTarget.value)} />
        </label>
        <a href={`${location.pathname.replace(/\/+$/, '')}/schema.graphql`}>schema.graphql</a>
      </header>
      <div className={css.editor}>
        <GraphiQL fetcher={fetcher} defaultTabs={tabs} shouldPersistHeaders={false} />
      </div>
    </div>
  );
}

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
