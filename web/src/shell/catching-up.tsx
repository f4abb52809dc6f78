// After the server was away: what is shown is read again.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { caughtUp, useConnection } from '../api/connection.ts';

export function CatchingUp() {
  const queries = useQueryClient();
  const connection = useConnection();
  useEffect(() => {
    if (connection === 'catching up') void queries.invalidateQueries().then(caughtUp, caughtUp);
  }, [connection, queries]);
  return null;
}
