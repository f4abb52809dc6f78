// Removing a team: first what would go with it, then, with its name typed once more, all of it for good.
import { Button, Modal, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { RemoveTeamDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask, reloadViewer } from '../api/session.ts';
import { bytes, count } from '../format.ts';
import { useAct } from '../ui/feedback/act.ts';
import { Loaded } from '../ui/feedback/states.tsx';
import formCss from '../ui/form.module.css';
import { Freed } from './freed.tsx';

export function RemoveTeam({ slug, close }: { slug: string; close: () => void }) {
  const act = useAct();
  const [typed, setTyped] = useState('');
  const would = useQuery({
    queryKey: queryKeys.teamRemoval(slug),
    staleTime: 0,
    gcTime: 0,
    queryFn: async ({ signal }) => (await ask(RemoveTeamDocument, { team: slug, confirm: null, dryRun: true }, signal)).removeTeam,
  });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await act(
      async () => {
        await ask(RemoveTeamDocument, { team: slug, confirm: typed || null, dryRun: false });
        await reloadViewer();
        return true;
      },
      { done: `The team ${slug} is removed. What it held is being deleted.`, again: [queryKeys.server()] },
    );
    if (done) close();
  };
  return (
    <Modal opened onClose={close} title={`Remove the team ${slug}?`} size="sm">
      <Loaded of={would} rows={3}>
        {(found) => {
          const holds =
            Number(found.runs) +
            Number(found.experiments) +
            Number(found.loggedModels) +
            Number(found.registeredModels) +
            Number(found.artifactFiles);
          return (
            <form className={formCss.form} onSubmit={(event) => void submit(event)}>
              <p>Its members and tokens lose access at once. {holds === 0 ? 'It holds nothing.' : 'All of this is deleted for good:'}</p>
              {holds > 0 && (
                <>
                  <Freed
                    rows={[
                      ['Runs', count(found.runs)],
                      ['Experiments', count(found.experiments)],
                      ['Registered models', count(found.registeredModels)],
                      ['Logged models', count(found.loggedModels)],
                      ['Metric points', count(found.points)],
                      ['Files', `${found.complete ? '' : 'at least '}${count(found.artifactFiles)}`],
                      ['Artifacts', `${found.complete ? '' : 'at least '}${bytes(found.artifactBytes)}`],
                    ]}
                  />
                  <TextInput
                    label={`Type ${slug} to go on`}
                    value={typed}
                    onChange={(event) => setTyped(event.currentTarget.value)}
                    autoComplete="off"
                  />
                </>
              )}
              <Button type="submit" color="red" disabled={holds > 0 && typed !== slug}>
                {holds === 0 ? 'Remove' : 'Delete all of it for good'}
              </Button>
            </form>
          );
        }}
      </Loaded>
    </Modal>
  );
}
