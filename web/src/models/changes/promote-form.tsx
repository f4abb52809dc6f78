// Moving an alias or the stage to a version, with a word on why.
import { Button, Checkbox, Modal, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type ModelStage, SetModelAliasDocument, SetModelVersionStageDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { useTeam } from '../../shell/team.ts';
import { useAct } from '../../ui/feedback/act.ts';
import formCss from '../../ui/form.module.css';
import { STAGES } from '../stage-names.ts';
import { type Of, stageName } from '../stages.ts';

export function PromoteForm({ name, version, stage, close }: Of & { stage: ModelStage; close: () => void }) {
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
    const again = [queryKeys.models(team.slug)];
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
