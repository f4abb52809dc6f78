// Charts of all metrics of some runs, grouped by prefix, with what they share: search, x axis, smoothing, scale, zoom.
import { ActionIcon, Button, SegmentedControl, Slider, Switch, TextInput } from '@mantine/core';
import clsx from 'clsx';
import { useCallback, useMemo, useState } from 'react';
import type { XKind, Zoom } from '../api/series.ts';
import { patchQuery, useParam } from '../router.ts';
import { Empty } from '../ui/feedback/states.tsx';
import { Icon } from '../ui/icons.tsx';
import { PanelEmpty } from '../ui/panel.tsx';
import { useKeys } from '../ui/shortcuts.ts';
import css from './board.module.css';
import type { ChartRun, ChartSettings } from './chart-settings.ts';
import { ChartCard } from './lines/line-card.tsx';
import { FLAT, groupsOf } from './metric-groups.ts';

const AXES = [
  { value: 'step', label: 'Step' },
  { value: 'relative', label: 'Relative' },
  { value: 'time', label: 'Time' },
];

/** `120~300` in the address: of steps, seconds or milliseconds, as the x axis has them. */
function zoomOf(text: string): Zoom {
  const [from, to] = text.split('~').map(Number);
  return text !== '' && Number.isFinite(from) && Number.isFinite(to) && to! > from! ? { from: from!, to: to! } : null;
}

/** Without a mouse in between: the chart under the pointer, else the first. */
function enlarge(): void {
  const button = '[aria-label^="Enlarge "]';
  (document.querySelector<HTMLElement>(`section:hover > header > ${button}`) ?? document.querySelector<HTMLElement>(button))?.click();
}

type Props = {
  team: string;
  runs: ChartRun[];
  metrics: readonly string[];
  group: string;
  compact?: boolean;
  settle?: boolean;
  Card?: typeof ChartCard;
};

export function Board({ team, runs, metrics, group, compact = false, settle = true, Card = ChartCard }: Props) {
  const [x] = useParam('x', 'step');
  const [log, setLog] = useParam('log');
  const [smoothing, setSmoothing] = useParam('smooth', '0');
  const [search, setSearch] = useParam('metrics');
  const [zoomText, setZoomText] = useParam('zoom');
  const zoom = useMemo(() => zoomOf(zoomText), [zoomText]);
  const [closed, setClosed] = useState<Record<string, boolean>>({ system: true });
  const setZoom = useCallback(
    (next: Zoom) => setZoomText(next && next.to > next.from ? `${next.from}~${next.to}` : null, { replace: true }),
    [setZoomText],
  );
  const pan = (part: number) => zoom && setZoom({ from: zoom.from + (zoom.to - zoom.from) * part, to: zoom.to + (zoom.to - zoom.from) * part });
  const kind: XKind = x === 'time' || x === 'relative' ? x : 'step';
  const settings = useMemo<ChartSettings>(
    () => ({ x: kind, log: log === '1', smoothing: Math.min(0.99, Number(smoothing) || 0), zoom, setZoom }),
    [kind, log, smoothing, zoom, setZoom],
  );
  const groups = useMemo(() => {
    let wanted: (metric: string) => boolean = () => true;
    try {
      const pattern = new RegExp(search, 'i');
      wanted = (metric) => pattern.test(metric);
    } catch {
      wanted = (metric) => metric.includes(search);
    }
    return groupsOf(metrics.filter(wanted));
  }, [metrics, search]);
  useKeys({ e: enlarge, l: () => setLog(log === '1' ? null : '1', { replace: true }) });

  return (
    <div className={clsx(css.board, compact && css.compact)}>
      <div className={css.bar}>
        <TextInput
          className={css.search}
          placeholder="Metrics"
          aria-label="Filter charts"
          leftSection={<Icon name="search" size={13} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value, { replace: true })}
        />
        <SegmentedControl
          aria-label="x axis"
          data={AXES}
          value={kind}
          onChange={(value) => {
            // Steps are no times: a zoom means nothing on another axis.
            patchQuery({ zoom: null, x: value === 'step' ? null : value }, { replace: true });
          }}
        />
        <div className={css.smooth}>
          <span>Smooth</span>
          <Slider
            size="xs"
            min={0}
            max={0.99}
            step={0.01}
            label={(value) => value.toFixed(2)}
            value={settings.smoothing}
            thumbLabel="Smoothing"
            onChange={(value) => setSmoothing(String(value), { replace: true })}
          />
        </div>
        <Switch label="Log" checked={settings.log} onChange={(event) => setLog(event.currentTarget.checked ? '1' : null, { replace: true })} />
        {zoom && (
          <span className={css.zoom}>
            <ActionIcon aria-label="Earlier" title="Earlier; or drag a chart with Shift" onClick={() => pan(-0.5)}>
              <Icon name="left" size={13} />
            </ActionIcon>
            <Button variant="light" size="compact-xs" onClick={() => setZoom(null)}>
              Zoom out
            </Button>
            <ActionIcon aria-label="Later" title="Later; or drag a chart with Shift" onClick={() => pan(0.5)}>
              <Icon name="right" size={13} />
            </ActionIcon>
          </span>
        )}
      </div>
      {metrics.length === 0 && settle && (
        <Empty title="No metrics yet">
          <p>Curves appear here as soon as a run logs a metric.</p>
        </Empty>
      )}
      {metrics.length > 0 && groups.length === 0 && <PanelEmpty>No metric matches “{search}”.</PanelEmpty>}
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
              <div className={css.grid}>
                {list.map((metric) => (
                  <Card
                    key={metric}
                    {...{ team, metric, runs, settings, group }}
                    title={name ? metric.slice(name.length + 1) : metric}
                    height={compact ? 150 : 190}
                  />
                ))}
              </div>
            )}
          </section>
        );
      })}
    </div>
  );
}
