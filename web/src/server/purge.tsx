// Deletion for good of what a team deleted long enough ago: first what it would free.
import { Button, TextInput } from '@mantine/core';
import clsx from 'clsx';
import { type FormEvent, useState } from 'react';
import { PurgeDeletedDocument, type PurgeDeletedMutation } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { bytes, count } from '../format.ts';
import { useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import { Confirm, useConfirm } from '../ui/feedback/confirm.tsx';
import formCss from '../ui/form.module.css';
import panelCss from '../ui/panel.module.css';
import { Panel } from '../ui/panel.tsx';
import { Freed } from './freed.tsx';

type Purged = PurgeDeletedMutation['purgeDeleted'];

export function Purge() {
  const team = useTeam();
  const act = useAct();
  const confirm = useConfirm();
  const [age, setAge] = useState('30d');
  const [would, setWould] = useState<{ age: string; found: Purged } | null>(null);
  const [busy, setBusy] = useState(false);
  const look = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const found = await act(() => ask(PurgeDeletedDocument, { team: team.slug, olderThan: age.trim(), dryRun: true }));
    setBusy(false);
    setWould(found && { age: age.trim(), found: found.purgeDeleted });
  };
  const purge = async (olderThan: string) => {
    const again = [queryKeys.usage(team.slug), queryKeys.runs(team.slug), queryKeys.experiments(team.slug)];
    const done = await act(
      async () => {
        let last: Purged;
        do last = (await ask(PurgeDeletedDocument, { team: team.slug, olderThan, dryRun: false })).purgeDeleted;
        while (last.more);
        return last;
      },
      { done: 'Deleted for good. Files and points are removed in the background.', again },
    );
    if (done) setWould(null);
  };
  const nothing = would !== null && would.found.runs + would.found.loggedModels + would.found.experiments === 0;
  return (
    <Panel title="Delete for good" note="what was deleted here and could still be restored">
      <form className={clsx(panelCss.text, formCss.form)} onSubmit={(event) => void look(event)}>
        <TextInput
          label="Deleted at least so long ago"
          description="30d, 12h or 1d12h; not below 1h. What a registered version was made from stays."
          required
          withAsterisk={false}
          value={age}
          onChange={(event) => {
            setAge(event.currentTarget.value);
            setWould(null);
          }}
        />
        <Button type="submit" variant="default" loading={busy}>
          What would go?
        </Button>
        {would && (
          <>
            {nothing ? (
              <p>Nothing was deleted so long ago.</p>
            ) : (
              <Freed
                rows={[
                  ['Runs', `${count(would.found.runs)}${would.found.more ? ' and more' : ''}`],
                  ['Experiments', count(would.found.experiments)],
                  ['Logged models', count(would.found.loggedModels)],
                  ['Metric points', count(would.found.points)],
                  ['Files', count(would.found.artifactFiles ?? 0)],
                  ['Artifacts', bytes(would.found.artifactBytes ?? 0)],
                ]}
              />
            )}
            {would.found.kept > 0 && <p className="dim">{count(would.found.kept)} more stay, since registered versions need them.</p>}
            {!nothing && (
              <Button
                color="red"
                onClick={() =>
                  confirm.ask({
                    title: 'Delete for good?',
                    text: `What was deleted at least ${would.age} ago goes, with its files and points. This can not be undone.`,
                    verb: 'Delete for good',
                    run: () => purge(would.age),
                  })
                }
              >
                Delete for good…
              </Button>
            )}
          </>
        )}
      </form>
      <Confirm of={confirm} />
    </Panel>
  );
}
