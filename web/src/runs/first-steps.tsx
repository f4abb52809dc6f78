// What an empty team sees: the lines to paste, with a token made on the spot. The room turns into the table when the first run arrives.
import { Button } from '@mantine/core';
import { useState } from 'react';
import { serverUrl } from '../api/client.ts';
import { CreateApiTokenDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import valuesCss from '../ui/tables/values.module.css';
import { Snippet } from '../ui/tables/values.tsx';
import css from './first-steps.module.css';

const TRY_IT = `import mlflow

mlflow.set_experiment("first-steps")
with mlflow.start_run():
    mlflow.log_param("lr", 0.1)
    for step in range(20):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)`;

export function PasteLines({ experiment }: { experiment?: string | undefined }) {
  const team = useTeam();
  const mayLog = useCan('run:write');
  const act = useAct();
  const [secret, setSecret] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    const made = await act(
      () => ask(CreateApiTokenDocument, { team: team.slug, name: 'Logging from Python', role: mayLog ? 'CONTRIBUTOR' : 'VIEWER' }),
      {
        again: [queryKeys.tokens()],
      },
    );
    setBusy(false);
    if (made) setSecret(made.createApiToken.secret);
  };
  const lines = `export MLFLOW_TRACKING_URI=${serverUrl(`t/${team.slug}`).href}\nexport MLFLOW_TRACKING_TOKEN=${secret ?? '<an API token of yours>'}`;
  return (
    <div className={css.paste}>
      <ol>
        <li>
          <p>Point the MLflow client here. Nothing in your code changes.</p>
          <Snippet code={lines} label="the two lines" />
          {secret ? (
            <p className="small">The token is in the second line, and is shown only now.</p>
          ) : (
            <Button onClick={() => void make()} loading={busy} disabled={!mayLog}>
              Create an API token and fill it in
            </Button>
          )}
        </li>
        <li>
          <p>Run your training script, or this:</p>
          <Snippet code={experiment ? TRY_IT.replace('first-steps', experiment) : TRY_IT} label="the example" />
        </li>
      </ol>
    </div>
  );
}

export function FirstSteps({ experiment }: { experiment?: string | undefined }) {
  const team = useTeam();
  return (
    <div className={css.firstSteps}>
      <h1>{experiment ? `No runs in ${experiment} yet` : `Log the first run of ${team.name}`}</h1>
      <PasteLines experiment={experiment} />
      <p className={css.waiting} role="status">
        <span className={valuesCss.pulse} aria-hidden="true" /> Waiting for a run. This page changes by itself.
      </p>
    </div>
  );
}
