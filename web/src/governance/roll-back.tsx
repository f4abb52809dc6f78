// Pointing an alias back to where it was before its last move; where that is protected, asking for it.
import { Button, Modal, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { AliasBeforeDocument, RollBackModelAliasDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import { Loaded } from '../ui/feedback/states.tsx';
import formCss from '../ui/form.module.css';
import { MovePreview } from './move-preview.tsx';
import { useAsk, useModelGovernance, useOfferToAsk, usePreview } from './use-governance.ts';

/** As many changes of aliases are read with a model. */
const MOVES_READ = 200;

type Of = { name: string; alias: string; version: number };

export function RollBack(of: Of) {
  const mayPromote = useCan('model:promote');
  const changes = useModelGovernance(of.name)?.aliasChanges ?? [];
  const [open, setOpen] = useState(false);
  // What was never moved has no way back; of an alias whose moves are older than those read it isn't known.
  const moves = changes.filter(({ alias }) => alias === of.alias).length;
  if (!mayPromote || (moves < 2 && changes.length < MOVES_READ)) return null;
  return (
    <>
      <Button variant="default" size="compact-xs" aria-label={`Roll back ${of.alias}`} onClick={() => setOpen(true)}>
        Roll back
      </Button>
      {open && <RollBackDialog {...of} close={() => setOpen(false)} />}
    </>
  );
}

function RollBackDialog({ name, alias, version, close }: Of & { close: () => void }) {
  const team = useTeam();
  const before = useQuery({
    queryKey: queryKeys.aliasBefore(team.slug, name, alias),
    queryFn: async ({ signal }) =>
      (await ask(AliasBeforeDocument, { team: team.slug, name, alias }, signal)).team?.registeredModel?.aliasChanges ?? [],
  });
  return (
    <Modal opened onClose={close} title={`Roll back @${alias}`} size="sm">
      <Loaded of={before} rows={2}>
        {([, last]) =>
          last?.version == null ? (
            <p>It pointed at no other version before.</p>
          ) : last.modelVersion === null ? (
            <p>It pointed at v{last.version} before, which is gone.</p>
          ) : (
            <RollBackForm {...{ name, alias, version, close }} back={last.version} />
          )
        }
      </Loaded>
    </Modal>
  );
}

function RollBackForm({ name, alias, version, back, close }: Of & { back: number; close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const askFor = useAsk();
  const offerToAsk = useOfferToAsk();
  const [comment, setComment] = useState('');
  const target = { alias, stage: null };
  const preview = usePreview(name, back, target);
  const free = (preview?.protections.length ?? 0) > 0 && preview!.protections.every(({ freeRollback }) => freeRollback);
  const asking = preview !== undefined && !preview.direct && !free;
  const wanted = { name, version: back, target, comment };
  const roll = () => ask(RollBackModelAliasDocument, { team: team.slug, name, alias, comment: comment.trim() || null });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = asking
      ? await askFor(wanted)
      : await act(roll, {
          done: `@${alias} is v${back} again`,
          undo: roll,
          again: [queryKeys.models(team.slug)],
          offer: offerToAsk(() => void askFor(wanted)),
        });
    if (done) close();
  };
  return (
    <form className={formCss.form} onSubmit={(event) => void submit(event)}>
      <p>
        <span className="mono">@{alias}</span> goes from <span className="mono">v{version}</span> back to <span className="mono">v{back}</span>.
        {free && ' Its protection lets it go back freely.'}
      </p>
      {!free && <MovePreview preview={preview} target={target} />}
      <TextInput
        data-autofocus
        label="Why"
        description="Stands in the history. May be empty."
        maxLength={1_000}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      <Button type="submit">{asking ? `Ask for v${back}` : `Roll back to v${back}`}</Button>
    </form>
  );
}
