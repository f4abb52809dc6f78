// Aliases and stages of a version: shown as flags, moved by whoever may.
import { Button, Menu, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { DeleteModelAliasDocument, type ModelStage, SetModelAliasDocument, SetModelVersionStageDocument } from '../api/documents.gen.ts';
import { ask } from '../api/session.ts';
import { useAct } from '../parts/act.ts';
import { Icon } from '../parts/icons.tsx';
import { useCan, useTeam } from '../shell/team.ts';

const STAGES: ModelStage[] = ['NONE', 'STAGING', 'PRODUCTION', 'ARCHIVED'];
const title = (stage: string) => stage.slice(0, 1) + stage.slice(1).toLowerCase();

export function Stage({ stage }: { stage: ModelStage }) {
  return stage === 'NONE' ? null : <span className={`flag stage-${stage.toLowerCase()}`}>{title(stage)}</span>;
}

type Of = { name: string; version: number; aliases: string[] };

export function AliasFlags({ name, version, aliases }: Of) {
  const team = useTeam();
  const act = useAct();
  const mayPromote = useCan('MAINTAINER');
  const at = { team: team.slug, name };
  const remove = (alias: string) =>
    void act(() => ask(DeleteModelAliasDocument, { ...at, alias }), {
      done: `Took @${alias} off v${version}`,
      undo: () => ask(SetModelAliasDocument, { ...at, alias, version }),
      again: [['models', team.slug]],
    });
  return aliases.map((alias) => (
    <span key={alias} className="flag flag-accent">
      @{alias}
      {mayPromote && (
        <button type="button" aria-label={`Take alias ${alias} off`} onClick={() => remove(alias)}>
          <Icon name="close" size={10} />
        </button>
      )}
    </span>
  ));
}

export function Promote({ name, version, stage }: Of & { stage: ModelStage }) {
  const team = useTeam();
  const act = useAct();
  const [naming, setNaming] = useState(false);
  const [alias, setAlias] = useState('champion');
  const again = [['models', team.slug]];
  const at = { team: team.slug, name, version };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await act(() => ask(SetModelAliasDocument, { ...at, alias: alias.trim().replace(/^@/, '') }), {
      done: `@${alias} is v${version} now`,
      again,
    });
    if (done) setNaming(false);
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" size="compact-xs" rightSection={<Icon name="down" size={11} />}>
            Promote
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setNaming(true)}>Set an alias…</Menu.Item>
          <Menu.Divider />
          <Menu.Label>Stage</Menu.Label>
          {STAGES.map((one) => (
            <Menu.Item
              key={one}
              rightSection={one === stage ? <Icon name="check" size={13} /> : null}
              onClick={() =>
                void act(() => ask(SetModelVersionStageDocument, { ...at, stage: one, archiveExisting: false }), {
                  done: `v${version} is in ${title(one)}`,
                  undo: () => ask(SetModelVersionStageDocument, { ...at, stage, archiveExisting: false }),
                  again,
                })
              }
            >
              {title(one)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {naming && (
        <Modal opened onClose={() => setNaming(false)} title={`Alias for ${name} v${version}`} size="sm">
          <form className="form" onSubmit={(event) => void submit(event)}>
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
            <Button type="submit">Set the alias</Button>
          </form>
        </Modal>
      )}
    </>
  );
}
