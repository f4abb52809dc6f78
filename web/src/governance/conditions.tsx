// Conditions of a move: whether each holds, and what was compared.
import type { ConditionRowFragment } from '../api/documents.gen.ts';
import { Icon } from '../ui/icons.tsx';
import css from './conditions.module.css';

export function Conditions({ conditions }: { conditions: ConditionRowFragment[] }) {
  return (
    <ul className={css.conditions} aria-label="Conditions">
      {conditions.map(({ text, holds, found }) => (
        <li key={text} data-holds={holds}>
          <Icon name={holds ? 'check' : 'close'} size={13} />
          <div>
            <code>{text}</code> <span className={css.verdict}>{holds ? 'holds' : 'doesn’t hold'}</span>
            {found && <p className="dim small">{found}</p>}
          </div>
        </li>
      ))}
    </ul>
  );
}
