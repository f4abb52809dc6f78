// What a person sees in the terminal once the server is up: where the page is, and the two lines to paste.
import path from 'node:path';

type Opened = { address: string; dataDir: string; cluster?: string };
type Shown = Opened & { signInLink: string; email: string; password?: string; token?: string };

function whereDataLies({ dataDir, cluster }: Omit<Opened, 'address'>): string[] {
  const apart = cluster && path.dirname(cluster) !== dataDir;
  return [
    `  Data      ${dataDir}`,
    ...(apart ? [`  Database  ${cluster}`, '            (Postgres does not run as root, and its user may not enter the data folder)'] : []),
  ];
}

/** For logs, which many may read: no secret is in it. `file` has what `banner` says. */
export function openBanner({ address, file, ...opened }: Opened & { file: string | null }): string {
  const lines = [
    '',
    '  Runledger is up.',
    '',
    `  Page      ${address}`,
    ...(file ? [`  Sign in   with what ${file} says (for its owner alone)`] : []),
    `  GraphQL   ${address}/graphql`,
    '',
    '  Log from Python: set MLFLOW_TRACKING_TOKEN to an API token, and',
    '',
    `    export MLFLOW_TRACKING_URI=${address}`,
    '',
    ...whereDataLies(opened),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

/** For a terminal, or a file of its owner's alone. */
export function banner(shown: Shown): string {
  const lines = [
    '',
    '  Runledger is up.',
    '',
    `  Page      ${shown.address}/#/sign-in/${shown.signInLink}`,
    `            (signs ${shown.email} in once, within an hour)`,
    ...(shown.password ? [`  Password  ${shown.email} / ${shown.password}`] : []),
    `  GraphQL   ${shown.address}/graphql`,
    '',
    ...(shown.token
      ? ['  Log from Python:', '', `    export MLFLOW_TRACKING_URI=${shown.address}`, `    export MLFLOW_TRACKING_TOKEN=${shown.token}`, '']
      : ['  Log from Python: set MLFLOW_TRACKING_URI to this address and MLFLOW_TRACKING_TOKEN to an API token of yours.', '']),
    ...whereDataLies(shown),
    '',
  ];
  return `${lines.join('\n')}\n`;
}
