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
    ['Modal', { defaultProps: { transitionProps: { duration: 100 }, centered: false, yOffset: '10vh' } }],
  ]),
});

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-text': '#191d24',
    '--mantine-color-dimmed': '#5c6573',
    '--mantine-color-default-border': '#d0d5dd',
    '--mantine-color-placeholder': '#6b7482',
    '--mantine-color-anchor': '#3b5bdb',
    '--mantine-color-gray-light-color': '#434b58',
    '--mantine-color-gray-outline': '#5c6573',
    '--mantine-color-error': '#c92a2a',
  },
  dark: {
    '--mantine-color-body': '#14171c',
    '--mantine-color-text': '#dde1e7',
    '--mantine-color-dimmed': '#98a1af',
    '--mantine-color-default': '#191d23',
    '--mantine-color-default-hover': '#22272f',
    '--mantine-color-default-border': '#343b46',
    '--mantine-color-placeholder': '#8a93a1',
    '--mantine-color-anchor': '#91a7ff',
    '--mantine-color-gray-light-color': '#c3c9d3',
    '--mantine-color-gray-subtle-color': '#c3c9d3',
    '--mantine-color-error': '#ff8787',
  },
});
