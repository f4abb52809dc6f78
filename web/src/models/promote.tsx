// Aliases and stages of a version: shown as flags, moved by whoever may, with a word on why.

import { Button, Checkbox, Modal, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import clsx from 'clsx';
import { type FormEvent, useState } from 'react';
import { DeleteModelAliasDocument, type ModelStage, SetModelAliasDocument, SetModelVersionStageDocument } from '../api/documents.gen.ts';
import { keys } from '../api/keys.ts';
import { ask } from '../api/session.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/act.ts';
import flagCss from '../ui/flag.module.css';
import formCss from '../ui/form.module.css';
import { Icon } from '../ui/icons.tsx';

const STAGES: ModelStage[] = ['NONE', 'STAGING', 'PRODUCTION', 'ARCHIVED'];
export const stageName = (stage: string): string => stage.slice(0, 1) + stage.slice(1).toLowerCase();

export function Stage({ stage }: { stage: ModelStage }) {
  return stage === 'NONE' ? null : (
    <span className={flagCss.flag} data-stage={stage.toLowerCase()}>
      {stageName(stage)}
    </span>
  );
}

type Of = { name: string; version: number; aliases: string[] };

export function AliasFlags({ name, version, aliases }: Of) {
  const team = useTeam();
  const act = useAct();
  const mayPromote = useCan('model:promote');
  const at = { team: team.slug, name };
  const remove = (alias: string) =>
    void act(() => ask(DeleteModelAliasDocument, { ...at, alias, comment: null }), {
      done: `Took @${alias} off v${version}`,
      undo: () => ask(SetModelAliasDocument, { ...at, alias, version, comment: 'Undone' }),
      again: [keys.models(team.slug)],
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

function PromoteForm({ name, version, stage, close }: Of & { stage: ModelStage; close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const [by, setBy] = useState<'alias' | 'stage'>('alias');
  const [alias, setAlias] = useState('champion');
  const [next, setNext] = useState<ModelStage>(stage);
  const [archiveExisting, setArchive] = useState(true);
  const [comment, setComment] = useState('');
  const at = { team: team.slug, name, version, comment: comment.trim() || null };
  const bare = alias.trim().replace(/^@/, '');
  const active = next === 'STAGING' || next === 'PRODUCTION';
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const again = [keys.models(team.slug)];
    const done =
      by === 'alias'
        ? await act<unknown>(() => ask(SetModelAliasDocument, { ...at, alias: bare }), { done: `@${bare} is v${version} now`, again })
        : await act<unknown>(() => ask(SetModelVersionStageDocument, { ...at, stage: next, archiveExisting: active && archiveExisting }), {
            done: `v${version} is in ${stageName(next)}`,
            again,
          });
    if (done) close();
  };
  return (
    <Modal opened onClose={close} title={`Promote ${name} v${version}`} size="sm">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
        <SegmentedControl
          aria-label="By what"
          value={by}
          onChange={(value) => setBy(value as 'alias' | 'stage')}
          data={[
            { value: 'alias', label: 'Alias' },
            { value: 'stage', label: 'Stage' },
          ]}
        />
        {by === 'alias' ? (
          <TextInput
            data-autofocus
            label="Alias"
            description="Code that loads the model by this alias gets this version from now on."
            required
            withAsterisk={false}
            leftSection="@"
            value={alias}
            onChange={(event) => setAlias(event.currentTarget.value)}
          />
        ) : (
          <>
            <Select
              label="Stage"
              data={STAGES.map((value) => ({ value, label: stageName(value) }))}
              value={next}
              allowDeselect={false}
              onChange={(value) => setNext((value ?? stage) as ModelStage)}
            />
            {active && (
              <Checkbox
                label={`Archive what is in ${stageName(next)} now`}
                checked={archiveExisting}
                onChange={(event) => setArchive(event.currentTarget.checked)}
              />
            )}
          </>
        )}
        <Textarea
          label="Why"
          description="Stands in the history. May be empty."
          autosize
          minRows={2}
          maxRows={8}
          maxLength={1_000}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        <Button type="submit" disabled={by === 'alias' ? bare === '' : next === stage}>
          {by === 'alias' ? 'Set the alias' : 'Change the stage'}
        </Button>
      </form>
    </Modal>
  );
}
