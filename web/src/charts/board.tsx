// Charts of all metrics of some runs, grouped by prefix. What no shown run has logged is told in one line.
import clsx from 'clsx';
import { type ReactNode, useMemo, useState } from 'react';
import { Empty } from '../ui/feedback/states.tsx';
import { Icon } from '../ui/icons.tsx';
import { PanelEmpty } from '../ui/panel.tsx';
import { useKeys } from '../ui/shortcuts.ts';
import { ValueTile } from './across/value-tile.tsx';
import css from './board.module.css';
import { BoardBar } from './board-bar.tsx';
import type { ChartRun, ChartSettings, PointCounts } from './chart-settings.ts';
import { Folded } from './folded.tsx';
import { ChartCard } from './lines/line-card.tsx';
import { FLAT, groupsOf } from './metric-groups.ts';
import { useBoard } from './use-board.ts';

/** Without a mouse in between: the chart under the pointer, else the first. */
function enlarge(): void {
  const button = '[aria-label^="Enlarge "]';
  (document.querySelector<HTMLElement>(`section:hover > header > ${button}`) ?? document.querySelector<HTMLElement>(button))?.click();
}

function wantedBy(search: string): (metric: string) => boolean {
  try {
    const pattern = new RegExp(search, 'i');
    return (metric) => pattern.test(metric);
  } catch {
    return (metric) => metric.includes(search);
  }
}

const titleOf = (group: string, metric: string) => (group ? metric.slice(group.length + 1) : metric);

type Props = {
  team: string;
  runs: ChartRun[];
  metrics: readonly string[];
  /** Where they are known, metrics that none of the runs has are folded away. */
  counts?: PointCounts;
  group: string;
  compact?: boolean;
  settle?: boolean;
  Card?: typeof ChartCard;
  /** Stands above the curves. */
  children?: ReactNode | ((settings: ChartSettings) => ReactNode);
};

export function Board({ team, runs, metrics, counts, group, compact = false, settle = true, Card = ChartCard, children }: Props) {
  const { settings, ...state } = useBoard();
  const { search } = state;
  const [closed, setClosed] = useState<Record<string, boolean>>({ system: true });
  const { groups, absent } = useMemo(() => {
    const found = metrics.filter(wantedBy(search));
    const has = (metric: string) => !counts || runs.some(({ runId }) => (counts.get(metric)?.get(runId) ?? 0) > 0);
    return { groups: groupsOf(found.filter(has)), absent: found.filter((metric) => !has(metric)) };
  }, [metrics, counts, runs, search]);
  const drawn = useMemo(() => new Set(runs.map(({ runId }) => runId)), [runs]);
  // A single number is no chart.
  const isOne = (metric: string) => [...(counts?.get(metric) ?? [])].reduce((sum, [runId, points]) => sum + (drawn.has(runId) ? points : 0), 0) === 1;
  useKeys({ e: enlarge, l: () => settings.setLog(!settings.log) });
  const curved =
    !counts || groups.some(({ metrics: list }) => list.some((metric) => [...(counts.get(metric)?.values() ?? [])].some((points) => points > 1)));
  const lone = groups.length === 1 && groups[0]!.metrics.length === 1 && !children;
  return (
    <div className={clsx(css.board, compact && css.compact)}>
      <BoardBar {...state} {...{ settings, curved }} />
      {metrics.length === 0 && settle && !children && (
        <Empty title="No metrics yet">
          <p>Curves appear here as soon as a run logs a metric.</p>
        </Empty>
      )}
      {metrics.length > 0 && groups.length + absent.length === 0 && search !== '' && <PanelEmpty>No metric matches “{search}”.</PanelEmpty>}
      {typeof children === 'function' ? children(settings) : children}
      {groups.map(({ name, metrics: list }) => {
        const open = !closed[name] || search !== '';
        return (
          <section key={name} className={css.group} aria-label={name || 'Metrics'}>
            {(name || (groups.length > 1 && metrics.length > FLAT)) && (
              <h2>
                <button type="button" aria-expanded={open} onClick={() => setClosed({ ...closed, [name]: open })}>
                  <Icon name={open ? 'down' : 'right'} size={12} />
                  {name || 'Metrics'} <span className="dim">{list.length}</span>
                </button>
              </h2>
            )}
            {open && (
              <>
                {list.some(isOne) && (
                  <ul className={css.tiles} aria-label="Logged once">
                    {list.filter(isOne).map((metric) => (
                      <ValueTile key={metric} {...{ team, metric, runs, settings }} title={titleOf(name, metric)} />
                    ))}
                  </ul>
                )}
                <div className={css.grid}>
                  {list
                    .filter((metric) => !isOne(metric))
                    .map((metric) => (
                      <Card
                        key={metric}
                        {...{ team, metric, runs, counts, settings, group }}
                        title={titleOf(name, metric)}
                        height={lone ? 360 : compact ? 150 : 190}
                      />
                    ))}
                </div>
              </>
            )}
          </section>
        );
      })}
      <Folded metrics={absent} why={runs.length === 1 ? 'Not logged by this run:' : 'Not logged by the runs shown:'} />
    </div>
  );
}
