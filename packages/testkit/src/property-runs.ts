import fc from 'fast-check';

// A setup file of the unit level. The night tries each property on many more values.
fc.configureGlobal({ numRuns: Number(process.env.RECADO_PROPERTY_RUNS ?? 50) });
