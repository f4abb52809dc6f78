// Before a move: what protects it, how many have to approve, and which conditions hold now.
import { Icon } from '../ui/icons.tsx';
import { Conditions } from './conditions.tsx';
import css from './move-preview.module.css';
import type { Preview } from './use-governance.ts';
import { type Target, takes, targetName } from './words.ts';

export function MovePreview({ preview, target }: { preview: Preview | undefined; target: Target }) {
  if (!preview) return null;
  const { approvals, direct, protections, conditions } = preview;
  if (protections.length === 0) {
    return direct ? null : <p className="dim">{targetName(target)} isn’t protected: a Maintainer moves it directly, without a request.</p>;
  }
  const approverRole = protections.some((one) => one.approverRole === 'ADMIN') ? 'ADMIN' : 'MAINTAINER';
  return (
    <section className={css.preview} aria-label="What the move takes">
      <p>
        <Icon name="lock" size={13} /> <strong>{targetName(target)} is protected.</strong>{' '}
        {direct ? 'Your role moves it without approval' : `A move takes ${takes(approvals, { approverRole, conditions: [] })}`}
        {conditions.length > 0 ? '; these have to hold:' : '.'}
      </p>
      {conditions.length > 0 && <Conditions conditions={conditions} />}
    </section>
  );
}
