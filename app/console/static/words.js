// The console's words, one list a language; a third language is one more list.
export const WORDS = {
  en: {
    skip: "Skip to the draft", language: "Language", sign_out: "Sign out", sign_in: "Sign in", sign_in_hint: "The first start printed the password of the account “ops”.",
    name: "Name", password: "Password", queue: "Queue", pending: "To sign", approved: "Signed", rejected: "Rejected", sent: "Sent", superseded: "Superseded",
    empty: "Nothing here.", more: "More", buyer: "Buyer", understood: "Understood", draft: "Draft", gloss: "In your language", sources: "Where it comes from", checks: "Checks",
    missing: "Missing", adjusted: "Adjusted for the market", advice: "Advice", found: "Found", order: "Order", history: "Earlier in this conversation", approve: "Approve", edit: "Edit", cancel: "Cancel", send_edited: "Approve the edited text",
    reject: "Reject", reject_why: "Why is this draft not right?", note: "Note", really_about: "The message is really about", unchanged: "(no correction)", training_hint: "Reason and correction become training data.",
    undo: "Undo", approved_toast: "Signed. It leaves in a few seconds.", undone: "Taken back.", rejected_toast: "Rejected.", blocked: "Cannot go out as it is:", signature_of_ops: "Sign in spite of the block: reason", fill: "Fill in and draft again",
    confidence: "confidence", all_pass: "Every check passes.", offline: "The server does not answer. Nothing was lost; try again.", choose: "Choose a draft on the left.", characters: "characters", saved_check: "checking …", stars: "stars", attachments: "attachments",
    wrong_intent: "Wrong question", wrong_facts: "Wrong facts", wrong_tone: "Wrong tone", wrong_language: "Wrong language", not_helpful: "Not helpful", policy: "Against policy", other: "Other",
    ready: "ready", needs_input: "needs you", no_vetted_reply: "no vetted reply", escalate: "for ops", no_reply_needed: "no reply needed", spam: "spam", low: "low", normal: "normal", high: "high", urgent: "urgent", write: "Write a reply",
  },
  zh: {
    skip: "跳到草稿", language: "语言", sign_out: "退出", sign_in: "登录", sign_in_hint: "首次启动时已显示账号“ops”的密码。",
    name: "账号", password: "密码", queue: "待办", pending: "待签发", approved: "已签发", rejected: "已拒绝", sent: "已发送", superseded: "已被取代",
    empty: "这里没有内容。", more: "更多", buyer: "买家", understood: "理解结果", draft: "草稿", gloss: "对照译文", sources: "来源", checks: "检查",
    missing: "缺少的信息", adjusted: "按市场调整", advice: "建议", found: "检索结果", order: "订单", history: "此前的对话", approve: "签发", edit: "修改", cancel: "取消", send_edited: "签发修改后的文本",
    reject: "拒绝", reject_why: "这份草稿哪里不对？", note: "备注", really_about: "消息其实是关于", unchanged: "（不更正）", training_hint: "原因和更正会成为训练数据。",
    undo: "撤销", approved_toast: "已签发，几秒后发出。", undone: "已撤回。", rejected_toast: "已拒绝。", blocked: "不能这样发出：", signature_of_ops: "不顾拦截仍要签发：理由", fill: "填写并重新起草",
    confidence: "置信度", all_pass: "所有检查均通过。", offline: "服务器没有响应。内容没有丢失，请重试。", choose: "请在左侧选择一份草稿。", characters: "字符", saved_check: "检查中 …", stars: "星", attachments: "附件",
    wrong_intent: "理解错了问题", wrong_facts: "事实有误", wrong_tone: "语气不当", wrong_language: "语言不对", not_helpful: "没有帮助", policy: "违反政策", other: "其他",
    ready: "可签发", needs_input: "需要您填写", no_vetted_reply: "无已审核回复", escalate: "需主管", no_reply_needed: "无需回复", spam: "垃圾信息", low: "低", normal: "普通", high: "高", urgent: "紧急", write: "撰写回复",
  },
};
