// The packages that a model was logged with.
import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { LoggedModelFullFragment } from '../../api/documents.gen.ts';
import { Panel } from '../../ui/panel.tsx';
import { Snippet } from '../../ui/tables/values.tsx';

export function Environment({ environment }: { environment: LoggedModelFullFragment['environment'] }) {
  const files = (
    [
      ['requirements.txt', environment.requirements],
      ['conda.yaml', environment.conda],
      ['python_env.yaml', environment.python],
    ] as const
  ).filter((file): file is readonly [(typeof file)[0], string] => Boolean(file[1]));
  const [at, setAt] = useState('0');
  const shown = files[Number(at)] ?? files[0];
  if (!shown) return null;
  return (
    <Panel
      title="Environment"
      actions={
        <SegmentedControl
          aria-label="File"
          value={at}
          onChange={setAt}
          data={files.map(([name], index) => ({ value: String(index), label: name }))}
        />
      }
    >
      <Snippet code={shown[1].trimEnd()} label={shown[0]} />
    </Panel>
  );
}
