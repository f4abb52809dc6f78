// What a new protection covers: of which models, which alias or stage.
import { SegmentedControl, Select, TextInput } from '@mantine/core';
import type { ModelStage } from '../../api/documents.gen.ts';
import { STAGES } from '../../models/stage-names.ts';
import { stageName } from '../../models/stages.ts';

export type Wanted = { models: string; by: 'alias' | 'stage'; alias: string; stage: ModelStage };
/** `at`: what the server says of an argument. */
type Props = { value: Wanted; change: (next: Wanted) => void; at: (argument: string) => string | undefined };

export function ProtectedTarget({ value, change, at }: Props) {
  return (
    <>
      <TextInput
        data-autofocus
        label="Models"
        description="A name; * stands for any text, as in fraud-*."
        required
        withAsterisk={false}
        error={at('models')}
        value={value.models}
        onChange={(event) => change({ ...value, models: event.currentTarget.value })}
      />
      <SegmentedControl
        aria-label="What is protected"
        value={value.by}
        onChange={(by) => change({ ...value, by: by as Wanted['by'] })}
        data={[
          { value: 'alias', label: 'Alias' },
          { value: 'stage', label: 'Stage' },
        ]}
      />
      {value.by === 'alias' ? (
        <TextInput
          label="Alias"
          required
          withAsterisk={false}
          leftSection="@"
          error={at('alias')}
          value={value.alias}
          onChange={(event) => change({ ...value, alias: event.currentTarget.value })}
        />
      ) : (
        <Select
          label="Stage"
          data={STAGES.filter((one) => one !== 'NONE').map((stage) => ({ value: stage, label: stageName(stage) }))}
          value={value.stage}
          allowDeselect={false}
          error={at('stage')}
          onChange={(stage) => change({ ...value, stage: (stage ?? value.stage) as ModelStage })}
        />
      )}
    </>
  );
}
