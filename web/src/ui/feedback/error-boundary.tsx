// Catches what a room throws while it is drawn, so that one bad value never blanks the page: says what happened, and offers to reload.
import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { ApiError, lastRequestId } from '../../api/client.ts';
import { ErrorState } from './states.tsx';

type Props = { /** Another address is another try. */ address: string; children: ReactNode };
type State = { error: unknown; address: string };

export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null, address: this.props.address };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error ?? new Error('Nothing is known of it.') };
  }

  static getDerivedStateFromProps({ address }: Props, state: State): Partial<State> | null {
    return address === state.address ? null : { error: null, address };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const message = error instanceof Error ? error.message : String(error);
    // What can't be drawn has mostly just been read: its request is the one to look for in the server's log.
    const fault = error instanceof ApiError ? error : new ApiError(`This can't be shown: ${message}`, 'INTERNAL', lastRequestId());
    return (
      <ErrorState error={fault}>
        <Button onClick={() => window.location.reload()}>Reload</Button>
      </ErrorState>
    );
  }
}
