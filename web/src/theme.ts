// Colours, sizes and defaults of the component library: one neutral grey scale, one accent, 13 px text, small controls.
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const grey: MantineColorsTuple = ['#f7f8fa', '#eff1f4', '#e3e6eb', '#d0d5dd', '#a9b1be', '#7d8694', '#5c6573', '#434b58', '#2b313b', '#191d24'];
const dark: MantineColorsTuple = ['#e3e6eb', '#c3c9d3', '#98a1af', '#6d7786', '#3c434e', '#2d333d', '#22272f', '#191d23', '#14171c', '#0f1115'];

export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 7 },
  colors: { gray: grey, dark },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '15px', xl: '18px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.45', lg: '1.4', xl: '1.3' },
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '18px' }, h2: { fontSize: '15px' }, h3: { fontSize: '13px' } } },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  defaultRadius: 'sm',
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: Object.fromEntries([
    ...['Button', 'TextInput', 'Autocomplete', 'PasswordInput', 'Select', 'Textarea', 'Checkbox', 'Switch', 'SegmentedControl', 'NumberInput'].map(
      (name) => [name, { defaultProps: { size: 'xs' } }],
    ),
    ['ActionIcon', { defaultProps: { size: 26, variant: 'subtle', color: 'gray' } }],
    ['Tooltip', { defaultProps: { openDelay: 350, withArrow: false, fz: 12 } }],
    ['Menu', { defaultProps: { shadow: 'md', withinPortal: true, transitionProps: { duration: 80 } } }],
    ['Popover', { defaultProps: { shadow: 'md', withinPortal: true, transitionProps: { duration: 80 } } }],
    [
      'Modal',
      { defaultProps: { closeButtonProps: { 'aria-label': 'Close' }, transitionProps: { duration: 100 }, centered: false, yOffset: '10vh' } },
    ],
  ]),
});

/** The library's tokens are the palette's colours (styles/palette.css). */
const TOKENS = {
  '--mantine-color-body': 'var(--body)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--dim)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-placeholder': 'var(--placeholder)',
  '--mantine-color-error': 'var(--bad)',
};

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...TOKENS,
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-color-gray-light-color': 'var(--mantine-color-gray-7)',
    '--mantine-color-gray-outline': 'var(--dim)',
  },
  dark: {
    ...TOKENS,
    '--mantine-color-anchor': 'var(--mantine-color-indigo-3)',
    '--mantine-color-default': 'var(--wash)',
    '--mantine-color-default-hover': 'var(--mantine-color-dark-6)',
    '--mantine-color-gray-light-color': 'var(--mantine-color-dark-1)',
    '--mantine-color-gray-subtle-color': 'var(--mantine-color-dark-1)',
  },
});
