/*
 * The tables that build/tools/pack_assets makes out of assets/.
 */
#ifndef PERMISO_WEB_ASSET_DATA_H
#define PERMISO_WEB_ASSET_DATA_H

#include "web/web_asset.h"
#include "web/web_message.h"
#include "web/web_template.h"

extern const struct web_asset			web_asset_data_files[];
extern const size_t				web_asset_data_file_count;
extern const struct web_template_source		web_asset_data_templates[];
extern const size_t				web_asset_data_template_count;
/* English first. */
extern const struct web_message_source		web_asset_data_languages[];
extern const size_t				web_asset_data_language_count;

#endif /* !PERMISO_WEB_ASSET_DATA_H */
