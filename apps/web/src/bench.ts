/** What `packages/bench` measures of the app, in its page. */
export { updateManyRows, writeManyRows } from './data/bulk.ts'
export { newRowId } from './data/rows.ts'
export { monthFlowsQuery } from './features/overview/queries.ts'
export { findRows } from './features/transactions/find.ts'
export { noFilters } from './features/transactions/filters.ts'
export { emptyLayout } from './features/transactions/layout.ts'
export { buildMatcher } from './features/transactions/search.ts'
