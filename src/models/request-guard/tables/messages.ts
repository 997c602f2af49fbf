/** Anthropic's Messages: https://docs.claude.com/en/api/messages */
import { type Inspection, REGION_FEATURE, type Rule } from '../inspection.ts';
import {
  atProvider,
  CODE,
  closed,
  count,
  each,
  flag,
  forbidden,
  free,
  list,
  type Members,
  media,
  notNull,
  open,
  summary,
  text,
  textOrList,
  thinkingBudget,
  tier,
  types,
  unmetered,
  unseen,
  uses,
} from '../rules.ts';
import { SERVICE_TIER } from './chat-completions.ts';
import { CACHE_CONTROL } from './openai-content.ts';

const BLOCK_TYPES: Members = {
  ...each(
    free,
    'text image document search_result thinking redacted_thinking tool_use tool_result ' +
      'server_tool_use web_search_tool_result web_fetch_tool_result code_execution_tool_result ' +
      'bash_code_execution_tool_result text_editor_code_execution_tool_result ' +
      'tool_search_tool_result advisor_tool_result mcp_tool_use mcp_tool_result ' +
      'mcp_tool_listing tool_reference tool_addition tool_removal compaction fallback ' +
      'browser_state content',
  ),
  container_upload: CODE,
};

/** Where the content of a picture or a document is. Of a search result it is a name. */
const SOURCE = open({
  type: types(each(free, 'base64 text content url file')),
  url: media,
  file_id: text,
  content: textOrList((value, inspection) => BLOCK(value, inspection)),
  ...each(free, 'data media_type'),
});

/** Results of tools that the provider has run are objects without blocks. */
const content: Rule = (value, inspection) => {
  if (Array.isArray(value)) list(BLOCK)(value, inspection);
  else if (typeof value !== 'string') open({})(value, inspection);
};

/** By its members as well as by its type: what costs is named by members of its own. */
const BLOCK: Rule = open({
  type: types({ ...BLOCK_TYPES, ...each(free, 'web_search_result code_execution_output') }),
  source: (value, inspection) => {
    if (typeof value !== 'string') SOURCE(value, inspection);
  },
  content,
  file_id: text,
  tool: (value, inspection) => TOOL_CHANGE(value, inspection),
  tools: list(free),
  cache_control: CACHE_CONTROL,
  ...each(free, 'text title context citations id name input tool_use_id is_error thinking'),
  ...each(free, 'signature data caller transformations server_name encrypted_content'),
});

const MESSAGE = open({ role: text, content: textOrList(BLOCK) });

/** Versions have a date behind the name: `web_search_20250305`. */
const VERSION = /_\d{8}$/;
const DATE_LENGTH = 8;
/** Tools that filter their results by code since then, which runs beyond `max_uses`. */
const FILTERING = new Set(['web_search', 'web_fetch']);
const FILTERING_SINCE = '20260209';
const TOOL_TYPES: Readonly<Record<string, readonly Rule[]>> = {
  web_search: [uses('web_search', 'search')],
  web_fetch: [],
  code_execution: [unmetered('code_execution')],
  mcp_toolset: [],
  tool_search_tool_regex: [],
  tool_search_tool_bm25: [],
};
/** Run by the client. */
const CLIENT_TOOLS = new Set([
  'custom',
  'function',
  'bash',
  'text_editor',
  'computer',
  'computer_toolset',
  'browser_toolset',
  'memory',
]);

const TOOL_MEMBERS = open({
  type: text,
  cache_control: CACHE_CONTROL,
  caching: CACHE_CONTROL,
  max_uses: count(1),
  ...each(free, 'name description input_schema strict defer_loading allowed_callers configs'),
  ...each(free, 'eager_input_streaming input_examples allowed_domains blocked_domains'),
});

const TOOL: Rule = (value, inspection) => {
  TOOL_MEMBERS(value, inspection);
  const { type, max_uses: most } = value as Readonly<Record<string, unknown>>;
  if (typeof type !== 'string') return;
  inspection.at('type', type, () => toolType(type, inspection, most as number | undefined));
};

/** One that is not in the table may cost anything, and has to be allowed by name. */
function toolType(type: string, inspection: Inspection, most: number | undefined): void {
  const name = type.replace(VERSION, '');
  if (CLIENT_TOOLS.has(name)) return;
  const isFiltering = FILTERING.has(name) && type.slice(-DATE_LENGTH) >= FILTERING_SINCE;
  inspection.runsAtProvider(isFiltering ? undefined : (most ?? undefined));
  // The provider may write what was read to the cache between its calls, and bills that as a write.
  inspection.needs({ units: ['cache_write_5m'] }, 'cache_write');
  const costs = Object.hasOwn(TOOL_TYPES, name)
    ? (TOOL_TYPES[name] as readonly Rule[])
    : [unmetered(name.slice(0, 64)), unseen];
  for (const cost of costs) cost(type, inspection);
}

/** A tool that is added in the middle of a conversation: a name, or a definition. */
const TOOL_CHANGE = open({
  type: text,
  tool: TOOL,
  definition: TOOL,
  ...each(free, 'name tool_name mcp_server_name'),
});

/** Edits only take away, except that a summary is written by another call of the model. */
const CONTEXT_MANAGEMENT = open({
  edits: list(
    open({
      type: (value, inspection) => {
        text(value, inspection);
        const name = (value as string).replace(VERSION, '');
        if (name === 'compact') summary(unmetered('compaction'))(value, inspection);
        else if (!name.startsWith('clear_')) inspection.needs('unknown', 'unknown');
      },
    }),
  ),
});

export const MESSAGES_TABLE: Rule = closed({
  model: text,
  messages: list(MESSAGE),
  system: textOrList(BLOCK),
  max_tokens: notNull(count(0)),
  stream: notNull(flag),
  tools: list(TOOL),
  thinking: open({ type: text, budget_tokens: thinkingBudget, ...each(free, 'display') }),
  cache_control: CACHE_CONTROL,
  service_tier: SERVICE_TIER,
  speed: tier('speed', 'standard'),
  inference_geo: tier(REGION_FEATURE, 'global'),
  context_management: CONTEXT_MANAGEMENT,
  compaction: summary(unmetered('compaction')),
  mcp_servers: (value, inspection) => {
    list(open({}))(value, inspection);
    if ((value as unknown[]).length > 0) atProvider(undefined)(value, inspection);
  },
  container: CODE,
  thread: unseen,
  fallbacks: unmetered('model_choice'),
  ...each(forbidden('Use "max_tokens".'), 'max_output_tokens max_completion_tokens'),
  ...each(forbidden('Use "max_tokens".'), 'max_tokens_to_sample n_predict num_predict options'),
  ...each(forbidden('This API gives one answer.'), 'n n_cmpl best_of'),
  ...each(forbidden('Use "messages".'), 'prompt input'),
  ...each(unmetered('model_choice'), 'models route preset'),
  ...each(unmetered('provider_choice'), 'provider plugins'),
  ...each(
    free,
    'metadata stop_sequences temperature top_k top_p tool_choice output_config output_format ' +
      'diagnostics fallback_credit_token billing_policy betas user_profile_id workspace_id ' +
      'anthropic_version user session_id trace stream_options',
  ),
});
