// docs/mlflow-coverage.md as text, from the route tables: what of MLflow's protocol is here, and what isn't. Printed by `npm run print-coverage`.
import { artifactEndpoints } from './artifacts.ts';
import { routes } from './routes.ts';

const CLASSES = {
  P0: 'what the fluent client, autologging and the registry use',
  P1: "MLflow's page, bulk reads, multipart and presigned transfers, webhooks, workspaces",
  OLD: 'only clients before 2.0',
};

/** Beside the tables: no row of theirs, or not under `/api`. */
const OUTSIDE: [string, string, string, string][] = [
  ['GET', '/health', 'P0', 'text `OK`, without credentials'],
  ['GET', '/version', 'P0', 'the MLflow version whose protocol this is, without credentials'],
  [
    'GET, POST',
    '/graphql',
    'P1',
    "the documents that MLflow's page sends (`mlflowGetRun`, `mlflowSearchRuns`, …); every other document is for our own schema",
  ],
];

/** Groups of endpoints, by what they are for. `…` stands for any ending. */
const ABSENT: [string, string, string][] = [
  ['P2', '`2.0/mlflow/traces…`, `3.0/mlflow/traces…`, `POST /v1/traces`, `get-trace-artifact`', 'traces and their assessments'],
  ['P2', '`3.0/mlflow/datasets…`', 'evaluation datasets'],
  ['P2', '`3.0/mlflow/scorers…`', 'scorers and online scoring'],
  ['P2', '`3.0/mlflow/prompt-optimization…`, `traces/link-prompts`', 'prompt optimization (prompts themselves are registered models, and work)'],
  [
    'P3',
    '`2.0/mlflow/users…`, `…/permissions…`, `3.0/mlflow/roles…` (roles new in 3.17)',
    "MLflow's basic-auth plugin: here users, roles and tokens are part of the GraphQL API",
  ],
  ['P3', '`3.0/mlflow/gateway…`, `/gateway…`', 'the AI gateway'],
  [
    'P2',
    '`3.0/mlflow/issues…`, `3.0/mlflow/label-schemas…`, `3.0/mlflow/review-queues…` (new in 3.17)',
    'judging traces by people: they need traces, which are not kept yet',
  ],
  ['P3', 'the registry of MCP servers (new in 3.17)', "its page is MLflow's own, and no client library asks for it"],
  ['P3', '`3.0/jobs…`, `3.0/mlflow/assistant…`', 'jobs and the assistant of the page'],
];

const table = (head: string[], rows: string[][]) =>
  [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');

export function printCoverage(): string {
  const rows = [...routes, ...artifactEndpoints].map(({ method, path, class: kind, purpose }) => [method, `\`${path}\``, kind, purpose, 'here']);
  rows.push(...OUTSIDE.map(([method, path, kind, purpose]) => [method, `\`${path}\``, kind, purpose, 'here']));
  return `# What of MLflow's protocol is here

Printed from the route tables by \`npm run print-coverage\`. A path without a leading slash stands after \`/api/\` and after \`/ajax-api/\`, and all of them also
after \`/t/<team>\`. Paths of clients before 2.0 (\`2.0/preview/mlflow/…\`) reach the same endpoints. ${rows.length} endpoints:

${Object.entries(CLASSES)
  .map(([kind, what]) => `- **${kind}**: ${what} (${rows.filter((row) => row[2] === kind).length})`)
  .join('\n')}

${table(['method', 'path', 'class', 'purpose', 'status'], rows)}

## What isn't

These answer 404 with \`ENDPOINT_NOT_FOUND\`. P2 is for generative models, P3 the rest.

${table(['class', 'paths', 'what for'], ABSENT)}
`;
}
