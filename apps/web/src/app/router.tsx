import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router'
import { Gate } from './gate.tsx'
import { NotFound, ScreenFailure, ScreenPending } from './screen-states.tsx'

const rootRoute = createRootRoute({ component: Gate, notFoundComponent: NotFound })

const routeTree = rootRoute.addChildren([
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/',
    component: lazyRouteComponent(
      () => import('../features/overview/screen.tsx'),
      'OverviewScreen',
    ),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/transactions',
    component: lazyRouteComponent(
      () => import('../features/transactions/screen.tsx'),
      'TransactionsScreen',
    ),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/accounts',
    component: lazyRouteComponent(
      () => import('../features/accounts/screen.tsx'),
      'AccountsScreen',
    ),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/categories',
    component: lazyRouteComponent(
      () => import('../features/categories/screen.tsx'),
      'CategoriesScreen',
    ),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings',
    component: lazyRouteComponent(() => import('./settings-route.tsx'), 'SettingsRoute'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/problems',
    component: lazyRouteComponent(
      () => import('../features/sync-status/problems-screen.tsx'),
      'ProblemsScreen',
    ),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/diagnostics',
    component: lazyRouteComponent(
      () => import('../features/diagnostics/screen.tsx'),
      'DiagnosticsScreen',
    ),
  }),
])

/** The app's addresses. Which screen stands before the ledger is the session's business: see Gate. */
export function createAppRouter() {
  return createRouter({
    routeTree,
    defaultPreload: 'intent',
    defaultPendingComponent: ScreenPending,
    defaultErrorComponent: ScreenFailure,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
