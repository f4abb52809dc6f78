// Mounts the page: styles and theme. Everything else is below App.
import './styles/library.css';
import './styles/palette.css';
import './styles/base.css';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { normalize } from './router.ts';
import { theme, variables } from './theme.ts';
import { ErrorBoundary } from './ui/feedback/error-boundary.tsx';

normalize();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      colorSchemeManager={localStorageColorSchemeManager({ key: 'runledger.theme' })}
    >
      <ErrorBoundary address="">
        <App />
      </ErrorBoundary>
    </MantineProvider>
  </StrictMode>,
);
