// Conditions, one a line. What the server can't read is said beneath the line, with the place marked.
import { Button, TextInput } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { ApiError } from '../../api/client.ts';
import { Icon } from '../../ui/icons.tsx';
import css from './condition-inputs.module.css';

/** `position`: 0-based, where the server says it. */
export type Mistake = { line: number; position: number | null; message: string };

export function mistakeOf(fault: ApiError | null): Mistake | null {
  const [, line] = /^conditions\[(\d+)\]$/.exec(fault?.argument ?? '') ?? [];
  return fault && line !== undefined ? { line: Number(line), position: fault.position, message: fault.message } : null;
}

type Props = { conditions: string[]; change: (conditions: string[]) => void; mistake: Mistake | null; target: string };

export function ConditionInputs({ conditions, change, mistake, target }: Props) {
  const fields = useRef<(HTMLInputElement | null)[]>([]);
  const lines = conditions.length === 0 ? [''] : conditions;
  useEffect(() => {
    const field = mistake && fields.current[mistake.line];
    if (!field) return;
    field.focus();
    if (mistake.position !== null) field.setSelectionRange(mistake.position, field.value.length);
  }, [mistake]);
  const set = (at: number, text: string) => change(lines.flatMap((line, index) => (index === at ? text.split(/\n/) : [line])));
  return (
    <fieldset className={css.conditions}>
      <legend>Conditions</legend>
      <p className="dim small">
        What has to hold, such as <code>metrics.rmse &lt;= {target || 'champion'}.metrics.rmse</code>, <code>signature present</code> or{' '}
        <code>tags.review = 'done'</code>.
      </p>
      {lines.map((line, at) => {
        const here = mistake?.line === at ? mistake : null;
        return (
          <div key={at} className={css.line}>
            <TextInput
              ref={(field) => {
                fields.current[at] = field;
              }}
              aria-label={`Condition ${at + 1}`}
              classNames={{ input: 'mono' }}
              error={here && <Told mistake={here} line={line} />}
              value={line}
              onChange={(event) => set(at, event.currentTarget.value)}
            />
            <button type="button" aria-label={`Remove condition ${at + 1}`} onClick={() => change(lines.filter((_, index) => index !== at))}>
              <Icon name="close" size={12} />
            </button>
          </div>
        );
      })}
      <Button variant="default" size="compact-xs" leftSection={<Icon name="plus" size={12} />} onClick={() => change([...lines, ''])}>
        Add a condition
      </Button>
    </fieldset>
  );
}

function Told({ mistake: { message, position }, line }: { mistake: Mistake; line: string }) {
  return (
    <>
      {message}
      {position !== null && position < line.length && (
        <span className={css.place} aria-hidden="true">
          {line.slice(0, position)}
          <mark>{line.slice(position)}</mark>
        </span>
      )}
    </>
  );
}
