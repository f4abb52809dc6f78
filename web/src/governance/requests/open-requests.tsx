// At the top of a model, and of a version: what is asked for and still open. Nothing where nothing is.
import { plural } from '../../format.ts';
import { Panel } from '../../ui/panel.tsx';
import { useModelGovernance } from '../use-governance.ts';
import { RequestLines } from './request-lines.tsx';

export function OpenRequests({ name, version }: { name: string; version?: number }) {
  const open = useModelGovernance(name)?.promotionRequests;
  const shown = open?.nodes.filter((one) => version === undefined || one.version === version) ?? [];
  if (shown.length === 0) return null;
  const count = open?.pageInfo.hasNextPage ? 'the newest 50' : plural(shown.length, 'request');
  return (
    <Panel title="Asked for" note={count}>
      <RequestLines label="Open requests" requests={shown} />
    </Panel>
  );
}
