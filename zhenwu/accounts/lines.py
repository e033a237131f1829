"""The lines of work (条线): what an office handles, and the folders of the packs."""

LINE_LABELS: dict[str, str] = {
    "party": "基层党建", "integrity": "党风廉政", "supervision": "督查督办", "projects": "项目落实", "industry": "特色产业",
    "infrastructure": "基础设施", "culture": "文化保护", "governance": "基层治理", "safety": "安全", "ecology": "生态",
    "forestry": "林业", "population": "人口", "poverty": "巩固脱贫", "employment": "就业", "veterans": "退役军人",
    "welfare": "救助福利", "payments": "一卡通", "service": "便民服务", "health": "疫情防控",
}  # fmt: skip
