// Whether the server answers: a word while it doesn't, a dot while it does.
import { type Connection, useConnection } from '../api/connection.ts';
import css from './connection-pill.module.css';

const TITLES: Record<Connection, string> = {
  connected: 'The server answers',
  'catching up': 'The server answers again: what you see is being read anew',
  offline: 'The server can not be reached. You see what was there before; it goes on by itself',
};

export function ConnectionPill() {
  const connection = useConnection();
  return (
    <span className={css.pill} data-state={connection} role="status" aria-label="Connection" title={TITLES[connection]}>
      <span className={css.dot} aria-hidden="true" />
      <span className={connection === 'connected' ? 'visually-hidden' : undefined}>
        {connection === 'connected' ? 'Connected' : connection === 'offline' ? 'Offline' : 'Catching up'}
      </span>
    </span>
  );
}
