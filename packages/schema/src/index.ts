export * from './entity.ts'
export * from './entities.ts'
