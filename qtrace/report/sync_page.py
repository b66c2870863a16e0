def render_sync_page(view, report): return ''
