// What all charts of a board share: which metrics, the x axis, smoothing, scale, outliers, zoom.
import { ActionIcon, Button, SegmentedControl, Slider, Switch, TextInput } from '@mantine/core';
import { patchQuery } from '../router.ts';
import { Icon } from '../ui/icons.tsx';
import css from './board.module.css';
import type { ChartSettings } from './chart-settings.ts';
import type { BoardState } from './use-board.ts';

const AXES = [
  { value: 'step', label: 'Step' },
  { value: 'relative', label: 'Relative' },
  { value: 'time', label: 'Time' },
];

/** `curved`: whether anything drawn has an x axis to choose, and points to smooth. */
type Props = BoardState & { settings: ChartSettings; curved: boolean };

export function BoardBar({ settings, curved, search, setSearch, setSmoothing, setOutliers }: Props) {
  const { zoom, setZoom } = settings;
  const pan = (part: number) => zoom && setZoom({ from: zoom.from + (zoom.to - zoom.from) * part, to: zoom.to + (zoom.to - zoom.from) * part });
  return (
    <div className={css.bar}>
      <TextInput
        className={css.search}
        placeholder="Metrics"
        aria-label="Filter charts"
        leftSection={<Icon name="search" size={13} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {curved && (
        <>
          <SegmentedControl
            aria-label="x axis"
            data={AXES}
            value={settings.x}
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
              onChange={(value) => setSmoothing(String(value))}
            />
          </div>
        </>
      )}
      <Switch label="Log" checked={settings.log} onChange={(event) => settings.setLog(event.currentTarget.checked)} />
      <Switch
        label="Ignore outliers"
        title="The y axis leaves out the lowest and the highest 5% of the values"
        checked={settings.outliers}
        onChange={(event) => setOutliers(event.currentTarget.checked)}
      />
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
  );
}
