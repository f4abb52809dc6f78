// An alias or a stage as a flag, and the lock that says what a move takes.
import { Tooltip } from '@mantine/core';
import clsx from 'clsx';
import flagCss from '../ui/flag.module.css';
import { Icon } from '../ui/icons.tsx';
import css from './target-flag.module.css';
import { useModelGovernance } from './use-governance.ts';
import { protectionOf, type Target, targetName, whyLocked } from './words.ts';

export function TargetFlag({ target }: { target: Target }) {
  return (
    <span
      className={clsx(flagCss.flag, target.alias !== null && flagCss.accent)}
      data-stage={target.alias === null ? target.stage?.toLowerCase() : undefined}
    >
      {targetName(target)}
    </span>
  );
}

/** Nothing where it isn't protected. */
export function Lock({ name, target }: { name: string; target: Target }) {
  const found = protectionOf(useModelGovernance(name)?.protections, target);
  if (!found) return null;
  const text = whyLocked(found);
  return (
    <Tooltip label={text} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
      <span role="img" aria-label={text} className={css.lock}>
        <Icon name="lock" size={12} />
      </span>
    </Tooltip>
  );
}
