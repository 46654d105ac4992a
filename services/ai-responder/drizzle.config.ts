import { drizzleConfig } from '@recado/database/drizzle-config';

export default drizzleConfig('ai-responder');
