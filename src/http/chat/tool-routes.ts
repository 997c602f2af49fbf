import { approveCalls } from '../../app/chat/tools/approve-calls.ts';
import { type OfferedTool, toolsOffered } from '../../app/chat/tools/chat-tools.ts';
import type { Context } from '../../app/context.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, USER_BODY_ERRORS, USER_ERRORS } from '../framework/common-schema.ts';
import { watchOf } from '../framework/watching.ts';
import { ConversationPath, MessageReply } from './conversation-schema.ts';
import { shownMessage } from './conversation-views.ts';
import { Approval, ToolList } from './tool-schema.ts';
import { shownRate } from './tool-views.ts';

const tags = ['Conversations'];
const security = [{ bearer: [] }];
const config = { access: 'user' } as const;

/** What providers add around each function, at most, beside its name, description and schema. */
const BYTES_AROUND = 120;

/** Tools: which there are, and allowing their calls. */
export function toolRoutes(api: Api, context: Context): void {
  api.get('/api/tools/', {
    config,
    schema: {
      tags,
      summary: 'List the tools that you may turn on in a conversation',
      security,
      response: { 200: ToolList, ...USER_ERRORS },
    },
    handler: async (request) => {
      const offered = await toolsOffered(context, userOf(request).id);
      return { rounds: context.tools.rounds, tools: offered.map(shownTool) };
    },
  });

  api.post('/api/messages/:id/approvals/', {
    config,
    schema: {
      tags,
      summary: 'Allow or deny calls of tools that a reply waits for',
      security,
      params: ConversationPath,
      body: Approval,
      response: {
        200: MessageReply,
        404: detailed('Message or model not found.'),
        409: detailed('The message does not wait for an approval, or no longer does.'),
        ...USER_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      const { id: userId, payers } = userOf(request);
      const message = await approveCalls(context, {
        userId,
        payers,
        messageId: request.params.id,
        decisions: request.body.calls,
        newWatch: () => watchOf(request),
      });
      return shownMessage(message);
    },
  });
}

function shownTool({ settings, functions }: OfferedTool) {
  const { name, kind, approval, pricePerCall } = settings;
  const bytes = (functions ?? []).reduce((sum, it) => {
    return sum + Buffer.byteLength(JSON.stringify(it)) + BYTES_AROUND;
  }, 0);
  return {
    name,
    kind: kind === 'mcp' ? ('mcp' as const) : ('search' as const),
    is_available: functions !== undefined,
    approval,
    price_per_call: shownRate(pricePerCall),
    input: bytes,
    functions: (functions ?? []).map((it) => ({ name: it.name, description: it.description })),
  };
}
