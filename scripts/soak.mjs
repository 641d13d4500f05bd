// npm run test:soak: the fault tests with every combination and more repeats; takes about an hour.
process.env['BACKHAUL_SOAK'] = '1'
process.argv.push('--project', 'fault')
await import('./test.mjs')
