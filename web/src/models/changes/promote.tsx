// Aliases and stages of a version: shown as flags, moved by whoever may, with a word on why.
import { Button } from '@mantine/core';
import clsx from 'clsx';
import { useState } from 'react';
import { DeleteModelAliasDocument, type ModelStage, SetModelAliasDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { useCan, useTeam } from '../../shell/team.ts';
import { useAct } from '../../ui/feedback/act.ts';
import flagCss from '../../ui/flag.module.css';
import { Icon } from '../../ui/icons.tsx';
import { type Of, stageName } from '../stages.ts';
import { PromoteForm } from './promote-form.tsx';

export function Stage({ stage }: { stage: ModelStage }) {
  return stage === 'NONE' ? null : (
    <span className={flagCss.flag} data-stage={stage.toLowerCase()}>
      {stageName(stage)}
    </span>
  );
}

export function AliasFlags({ name, version, aliases }: Of) {
  const team = useTeam();
  const act = useAct();
  const mayPromote = useCan('model:promote');
  const at = { team: team.slug, name };
  const remove = (alias: string) =>
    void act(() => ask(DeleteModelAliasDocument, { ...at, alias, comment: null }), {
      done: `Took @${alias} off v${version}`,
      undo: () => ask(SetModelAliasDocument, { ...at, alias, version, comment: 'Undone' }),
      again: [queryKeys.models(team.slug)],
    });
  return aliases.map((alias) => (
    <span key={alias} className={clsx(flagCss.flag, flagCss.accent)}>
      @{alias}
      {mayPromote && (
        <button type="button" aria-label={`Take alias ${alias} off`} onClick={() => remove(alias)}>
          <Icon name="close" size={10} />
        </button>
      )}
    </span>
  ));
}

export function Promote(of: Of & { stage: ModelStage }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" size="compact-xs" onClick={() => setOpen(true)}>
        Promote
      </Button>
      {open && <PromoteForm {...of} close={() => setOpen(false)} />}
    </>
  );
}
