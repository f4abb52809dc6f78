// The lines that load a model, predict with it and serve it.
import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { LoggedModelFullFragment } from '../../api/documents.gen.ts';
import { Panel } from '../../ui/panel.tsx';
import { Snippet } from '../../ui/tables/values.tsx';

const PURPOSES: Record<string, string> = { LOAD: 'Load', PREDICT: 'Predict', SERVE: 'Serve', SPARK: 'Spark' };

/** Two ways to load are told apart by the library they give back. */
function purposeOf({ purpose, code }: LoggedModelFullFragment['snippets'][number]): string {
  const library = /mlflow\.(\w+)\.load_model/.exec(code)?.[1];
  return purpose === 'LOAD' && library && library !== 'pyfunc' ? `Load (${library})` : (PURPOSES[purpose] ?? purpose);
}

export function Snippets({ snippets }: { snippets: LoggedModelFullFragment['snippets'] }) {
  const [at, setAt] = useState(0);
  const shown = snippets[at] ?? snippets[0];
  if (!shown) return null;
  return (
    <Panel
      title="Use it"
      actions={
        <SegmentedControl
          aria-label="What for"
          value={String(at)}
          onChange={(next) => setAt(Number(next))}
          data={snippets.map((snippet, index) => ({ value: String(index), label: purposeOf(snippet) }))}
        />
      }
    >
      <Snippet code={shown.code} label={`the code to ${PURPOSES[shown.purpose]?.toLowerCase() ?? 'use'} it`} />
    </Panel>
  );
}
