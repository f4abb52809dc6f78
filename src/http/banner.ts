// What a person sees in the terminal once the server is up: where the page is, and the two lines to paste.

type Shown = { address: string; signInLink: string; email: string; password?: string; token?: string; dataDir: string };

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
    `  Data      ${shown.dataDir}`,
    '',
  ];
  return `${lines.join('\n')}\n`;
}
