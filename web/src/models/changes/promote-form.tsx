// Moving an alias or the stage to a version, with a word on why; where that is protected, asking for it.
import { Button, Checkbox, Modal, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type FormEvent, useState } from 'react';
import { type ModelStage, SetModelAliasDocument, SetModelVersionStageDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { MovePreview } from '../../governance/move-preview.tsx';
import { useAsk, useModelGovernance, useOfferToAsk, usePreview } from '../../governance/use-governance.ts';
import { type Target, targetName } from '../../governance/words.ts';
import { useTabState } from '../../kept.ts';
import { useCan, useTeam } from '../../shell/team.ts';
import { useAct } from '../../ui/feedback/act.ts';
import formCss from '../../ui/form.module.css';
import { STAGES } from '../stage-names.ts';
import { type Of, stageName } from '../stages.ts';

export function PromoteForm({ name, version, stage, close }: Of & { stage: ModelStage; close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const askFor = useAsk();
  const offerToAsk = useOfferToAsk();
  const mayPromote = useCan('model:promote');
  const protections = useModelGovernance(name)?.protections ?? [];
  const askable = protections.flatMap((one) => one.alias ?? []);
  const [by, setBy] = useState<'alias' | 'stage'>(mayPromote || askable.length > 0 ? 'alias' : 'stage');
  const [alias, setAlias] = useState(mayPromote || askable.includes('champion') ? 'champion' : (askable[0] ?? ''));
  const [next, setNext] = useState<ModelStage>(stage);
  const [archiveExisting, setArchive] = useState(true);
  const [comment, setComment] = useTabState(`promote.${team.slug}.${name}.${version}`, '');
  const at = { team: team.slug, name, version, comment: comment.trim() || null };
  const bare = alias.trim().replace(/^@/, '');
  const active = next === 'STAGING' || next === 'PRODUCTION';
  const target: Target = by === 'alias' ? { alias: bare, stage: null } : { alias: null, stage: next };
  const [settled] = useDebouncedValue(bare, 200);
  const known = usePreview(name, version, by === 'alias' ? { alias: settled, stage: null } : target);
  const preview = by === 'alias' && settled !== bare ? undefined : known;
  const asking = preview ? !preview.direct && preview.protections.length > 0 : !mayPromote;
  const barred = asking && (preview?.protections.length ?? 0) === 0;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const ofTarget = { name, version, target, comment };
    if (asking) {
      if (await askFor(ofTarget)) close();
      return;
    }
    const offer = offerToAsk(() => void askFor(ofTarget).then((asked) => asked && close()));
    const again = [queryKeys.models(team.slug)];
    const done =
      by === 'alias'
        ? await act<unknown>(() => ask(SetModelAliasDocument, { ...at, alias: bare }), { done: `@${bare} is v${version} now`, again, offer })
        : await act<unknown>(() => ask(SetModelVersionStageDocument, { ...at, stage: next, archiveExisting: active && archiveExisting }), {
            done: `v${version} is in ${stageName(next)}`,
            again,
            offer,
          });
    if (!done) return;
    setComment('');
    close();
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
            {active && !asking && (
              <Checkbox
                label={`Archive what is in ${stageName(next)} now`}
                checked={archiveExisting}
                onChange={(event) => setArchive(event.currentTarget.checked)}
              />
            )}
          </>
        )}
        {(by === 'alias' || next !== stage) && <MovePreview preview={preview} target={target} />}
        <Textarea
          label="Why"
          description={asking ? 'Those who decide read it. May be empty.' : 'Stands in the history. May be empty.'}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={1_000}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        <Button type="submit" disabled={barred || (by === 'alias' ? bare === '' : next === stage)}>
          {asking ? `Ask for ${targetName(target)}` : by === 'alias' ? 'Set the alias' : 'Change the stage'}
        </Button>
      </form>
    </Modal>
  );
}
