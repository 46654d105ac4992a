import { failOnLeftovers } from './leftovers.ts';

// A setup file of the levels with servers.
failOnLeftovers();
