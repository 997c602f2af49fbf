/** Tools of OpenAI's APIs, and of servers with the same APIs. */
import type { Inspection, Rule } from '../inspection.ts';
import {
  atProvider,
  CODE,
  closed,
  each,
  free,
  list,
  type Members,
  media,
  open,
  SEARCH_TOOL,
  types,
  unmetered,
  unseen,
  uses,
} from '../rules.ts';

/**
 * Steps that OpenRouter lets a model take with its tools in one request, by default and at most
 * (`max_tool_calls` in its OpenAPI description).
 */
const OPENROUTER_STEPS = 30;

const PICTURES = uses('image_generation', 'image', 'image_output');

/** By the `type` of a tool. Others may cost anything, and have to be allowed by name. */
const TOOL_TYPES: Members = {
  // Run by the client.
  ...each(free, 'function custom computer computer_use_preview local_shell apply_patch namespace'),
  ...each(free, 'shell tool_search openrouter:datetime'),
  ...each(
    SEARCH_TOOL,
    'web_search web_search_2025_08_26 web_search_preview web_search_preview_2025_03_11 x_search ' +
      'live_search browser_search',
  ),
  ...each(atProvider(undefined, unmetered('file_search')), 'file_search collections_search'),
  ...each(CODE, 'code_interpreter code_execution programmatic_tool_calling'),
  image_generation: atProvider(undefined, PICTURES),
  'openrouter:web_search': atProvider(OPENROUTER_STEPS, uses('web_search', 'search')),
  'openrouter:image_generation': atProvider(OPENROUTER_STEPS, PICTURES),
  'openrouter:web_fetch': atProvider(OPENROUTER_STEPS),
  mcp: atProvider(undefined),
};

function toolType(value: unknown, inspection: Inspection): void {
  if (typeof value === 'string' && !Object.hasOwn(TOOL_TYPES, value)) {
    const isOfBroker = value.startsWith('openrouter:');
    inspection.runsAtProvider(isOfBroker ? OPENROUTER_STEPS : undefined);
    inspection.needs('unmetered', value.slice(0, 64));
    inspection.hides();
    return;
  }
  types(TOOL_TYPES)(value, inspection);
}

/** Where a shell runs: on the client's machine, or in a container of the provider. */
const SHELL_ENVIRONMENT = open({
  type: types({ local: free, container_auto: CODE, container_reference: CODE }),
});

/** Gemini's own tools have no `type`. */
const GOOGLE_TOOLS =
  'google_search googleSearch google_search_retrieval google_maps url_context urlContext ' +
  'code_execution codeExecution file_search fileSearch computer_use enterprise_web_search';

export const OPENAI_TOOL: Rule = closed({
  type: toolType,
  tools: list((value, inspection) => OPENAI_TOOL(value, inspection)),
  environment: SHELL_ENVIRONMENT,
  ...each(atProvider(1, unmetered('google_tools')), GOOGLE_TOOLS),
  input_image_mask: open({
    image_url: media,
    file_id: unseen,
  }),
  ...each(
    free,
    // Of functions.
    'function name description parameters strict output_schema input_schema async defer_loading ' +
      'allowed_callers custom format cache_control execution display_height display_width ' +
      'input_examples eager_input_streaming annotations title _meta ' +
      // Of those that the provider runs; what they cost is told by the type.
      'vector_store_ids filters max_num_results ranking_options search_context_size ' +
      'user_location search_content_types external_web_access server_label server_url ' +
      'server_description connector_id authorization headers allowed_tools require_approval ' +
      'tunnel_id container action background complexity frame_count frame_duration_ms ' +
      'input_fidelity model moderation output_compression output_format partial_images quality ' +
      'size svg engine allowed_domains excluded_domains blocked_domains allowed_x_handles ' +
      'excluded_x_handles from_date to_date enable_image_understanding ' +
      'enable_video_understanding sources max_results web_search collection_ids',
  ),
});
