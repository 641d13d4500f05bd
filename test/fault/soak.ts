/** True under `npm run test:soak`: the same tests, longer. */
export const isSoak = process.env['BACKHAUL_SOAK'] === '1'
