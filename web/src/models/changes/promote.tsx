// Aliases and stages of a version: shown as flags, moved by whoever may, with a word on why.
import { Button } from '@mantine/core';
import clsx from 'clsx';
import { useState } from 'react';
import { DeleteModelAliasDocument, type ModelStage, SetModelAliasDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { AskForm } from '../../governance/ask-form.tsx';
import { Lock } from '../../governance/target-flag.tsx';
import { useModelGovernance, useOfferToAsk } from '../../governance/use-governance.ts';
import { protectionOf } from '../../governance/words.ts';
import { useCan, useTeam } from '../../shell/team.ts';
import { useAct } from '../../ui/feedback/act.ts';
import flagCss from '../../ui/flag.module.css';
import { Icon } from '../../ui/icons.tsx';
import { type Of, stageName } from '../stages.ts';
import { PromoteForm } from './promote-form.tsx';

export function Stage({ name, stage }: { name: string; stage: ModelStage }) {
  return stage === 'NONE' ? null : (
    <span className={flagCss.flag} data-stage={stage.toLowerCase()}>
      {stageName(stage)}
      <Lock name={name} target={{ alias: null, stage }} />
    </span>
  );
}

export function AliasFlags({ name, version, aliases }: Of) {
  const team = useTeam();
  const act = useAct();
  const mayPromote = useCan('model:promote');
  const mayAsk = useCan('promotion:request');
  const offerToAsk = useOfferToAsk();
  const protections = useModelGovernance(name)?.protections;
  const [asking, setAsking] = useState<string | null>(null);
  const at = { team: team.slug, name };
  const locked = (alias: string) => protectionOf(protections, { alias, stage: null })?.viewerMovesDirectly === false;
  const remove = (alias: string) => {
    if (locked(alias)) return setAsking(alias);
    void act(() => ask(DeleteModelAliasDocument, { ...at, alias, comment: null }), {
      done: `Took @${alias} off v${version}`,
      undo: () => ask(SetModelAliasDocument, { ...at, alias, version, comment: 'Undone' }),
      again: [queryKeys.models(team.slug)],
      offer: offerToAsk(() => setAsking(alias)),
    });
  };
  return (
    <>
      {aliases.map((alias) => (
        <span key={alias} className={clsx(flagCss.flag, flagCss.accent)}>
          @{alias}
          <Lock name={name} target={{ alias, stage: null }} />
          {(locked(alias) ? mayAsk : mayPromote) && (
            <button
              type="button"
              aria-label={locked(alias) ? `Ask to take alias ${alias} off` : `Take alias ${alias} off`}
              onClick={() => remove(alias)}
            >
              <Icon name="close" size={10} />
            </button>
          )}
        </span>
      ))}
      {asking && <AskForm name={name} version={null} target={{ alias: asking, stage: null }} close={() => setAsking(null)} />}
    </>
  );
}

/** Moves, or asks where one may not move: nothing for whoever may neither. */
export function Promote(of: Of & { stage: ModelStage }) {
  const mayPromote = useCan('model:promote');
  const mayAsk = useCan('promotion:request');
  const protections = useModelGovernance(of.name)?.protections ?? [];
  const [open, setOpen] = useState(false);
  if (!mayPromote && !(mayAsk && protections.length > 0)) return null;
  return (
    <>
      <Button variant="default" size="compact-xs" onClick={() => setOpen(true)}>
        {mayPromote ? 'Promote' : 'Ask for…'}
      </Button>
      {open && <PromoteForm {...of} close={() => setOpen(false)} />}
    </>
  );
}
