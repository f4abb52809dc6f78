// Line icons on a 16-unit grid, drawn in the colour of the text. Decorative: whoever uses one names the control.
const PATHS = {
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.600-1.400L14 14',
  down: 'm4 6 4 4 4-4',
  right: 'm6 4 4 4-4 4',
  left: 'm10 4-4 4 4 4',
  up: 'm4 10 4-4 4 4',
  close: 'm4 4 8 8m0-8-8 8',
  check: 'm3 8.500 3.200 3L13 4.500',
  plus: 'M8 3v10M3 8h10',
  more: 'M3.500 8h.01M8 8h.01M12.500 8h.01',
  copy: 'M6 6V3.500h6.500V10H10M3.500 6H10v6.500H3.500Z',
  sun: 'M8 10.800a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600ZM8 1.500v1.300m0 10.400v1.300M1.500 8h1.300m10.400 0h1.300M3.400 3.400l.9.9m7.400 7.400.9.9m0-9.200-.9.9m-7.400 7.400-.9.900',
  moon: 'M13.500 9.500A5.800 5.800 0 0 1 6.500 2.500a5.800 5.800 0 1 0 7 7Z',
  columns: 'M2.500 3h11v10h-11Zm3.700 0v10m3.600-10v10',
  table: 'M2.500 3h11v10h-11Zm0 3.300h11m-11 3.300h11M6.500 6.300V13',
  chart: 'M2.500 2.500v11h11M5 10l2.500-3.500 2 2L13 4',
  both: 'M2.500 3h11v10h-11Zm5.500 0v10',
  folder: 'M2 4h4l1.500 1.500H14V12.500H2Z',
  file: 'M4 2h5l3 3v9H4Zm5 0v3h3',
  download: 'M8 2.500v7.500m-3-3 3 3 3-3M3 13.200h10',
  trash: 'M3 4.500h10M6.500 4V2.500h3V4M4.500 4.500l.5 9h6l.5-9M6.800 7v4m2.400-4v4',
  restore: 'M3 5.500h6.500a3.500 3.500 0 0 1 0 7H6M5.500 3 3 5.500 5.500 8',
  tag: 'M2.500 7.500v-5h5l6 6-5 5Zm2.700-2.300h.01',
  pin: 'M6 2.500h4l-.5 4 2 2h-7l2-2Zm2 6v5',
  link: 'M7 9a2.500 2.500 0 0 0 3.500 0l2-2A2.500 2.500 0 0 0 9 3.500l-.8.8M9 7a2.500 2.500 0 0 0-3.500 0l-2 2A2.500 2.500 0 0 0 7 12.500l.8-.800',
  code: 'm5 4.500-3.500 3.500L5 11.500m6-7 3.500 3.500-3.500 3.500',
  edit: 'M3 13l.6-2.600L11 3l2 2-7.400 7.400Z',
  user: 'M8 8a2.600 2.600 0 1 0 0-5.200A2.600 2.600 0 0 0 8 8Zm-5 5.500c.5-2.500 2.500-3.700 5-3.700s4.500 1.200 5 3.700',
  help: 'M5.800 5.800c0-1.300 1-2.200 2.200-2.200s2.200.9 2.200 2.100C10.200 7.300 8 7.500 8 9.300m0 2.600h.01',
  warn: 'M8 2.500 14.500 13.500h-13ZM8 6.500V9.800m0 1.800h.01',
  pause: 'M5.500 3.500v9m5-9v9',
  play: 'M5 3.500v9l7.500-4.500Z',
  expand: 'M9.500 2.500h4v4m0-4-4.500 4.500m-2.500 6.500h-4v-4m0 4 4.500-4.500',
  settings: 'M3 4.500h5m3 0h2M3 11.500h2m3 0h5M9.500 3v3m-3 4v3',
  key: 'M10.500 8.500a3 3 0 1 0-2.700-1.700L2.500 12v1.500h2V12H6v-1.500l1.800-2.300a3 3 0 0 0 2.700.3Zm.5-3.200h.01',
  lock: 'M4 7.500h8v6H4Zm1.500 0v-2a2.500 2.500 0 0 1 5 0v2',
  branch:
    'M5 10.500v-5M5 5.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3Zm0 8a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3Zm6-6a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3Zm0 0c0 2.500-6 1-6 3.500',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  const weight = name === 'more' ? 2.2 : 1.4;
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="none" stroke="currentColor" strokeWidth={weight} strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
